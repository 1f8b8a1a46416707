"""A session in Neovim with the settings of the documentation; skipped where there is no Neovim 0.11 or newer."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "editors.md"
NET = """\
input: 3x224x224
layers:
  - conv: {out_channels: 96, kernel_size: 11, stride: 4}
  - relu
"""
SESSION = """\
local seen = {}

local function wait(what, holds)
  if not vim.wait(60000, holds, 50) then error("never: " .. what) end
end

local function hints()
  return vim.tbl_map(function(each)
    return { each.inlay_hint.position.line, each.inlay_hint.label }
  end, vim.lsp.inlay_hint.get({ bufnr = 0 }))
end

local function run()
  wait("hints", function() return #hints() > 0 end)
  wait("diagnostics", function() return #vim.diagnostic.get(0) > 0 end)
  seen.hints = hints()
  seen.rules = vim.tbl_map(function(each) return each.code end, vim.diagnostic.get(0))
  vim.fn.search("conv:")
  local place = vim.lsp.util.make_position_params(0, "utf-16")
  for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/hover", place, 60000)) do
    seen.hover = answer.result.contents.value
  end
  local before = vim.b.changedtick
  vim.lsp.buf.code_action({ apply = true, filter = function(action) return action.title:find("padding") ~= nil end })
  wait("a fix", function() return vim.b.changedtick > before end)
  seen.fixed = vim.api.nvim_buf_get_lines(0, 2, 3, false)[1]
  wait("hints of the fixed text", function() return not vim.deep_equal(hints(), seen.hints) end)
  seen.fixed_hints = hints()
end

local ok, message = pcall(run)
seen.error = not ok and message or nil
vim.fn.writefile({ vim.json.encode(seen) }, "seen.json")
vim.cmd("qall!")
"""


def is_recent(nvim):
    """Whether it is Neovim 0.11 or newer."""
    if nvim is None:
        return False
    version = re.match(
        r"NVIM v(\d+)\.(\d+)", subprocess.run([nvim, "--version"], capture_output=True, text=True).stdout
    )
    return version is not None and (int(version[1]), int(version[2])) >= (0, 11)


NVIM = shutil.which("nvim")


@pytest.mark.skipif(not is_recent(NVIM), reason="needs nvim 0.11 or newer")
def test_neovim_shows_hints_findings_and_hover_and_applies_a_fix(tmp_path):
    settings = re.search(r"(?s)```lua\n(.*?)```", GUIDE.read_text("utf-8"))[1]
    for name, text in (("init.lua", settings), ("session.lua", SESSION), ("net.yaml", NET)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    places = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("STATE", "DATA", "CONFIG", "CACHE")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [NVIM, "--clean", "--headless", "-u", "init.lua", "net.yaml", "-c", "luafile session.lua"]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, **places, "PATH": path}, timeout=300, check=True)
    seen = json.loads((tmp_path / "seen.json").read_text("utf-8"))
    assert "error" not in seen, seen["error"]
    assert seen["hints"] == [[2, "→ 96×54×54"], [3, "→ 96×54×54"]]
    assert "stride-drops-pixels" in seen["rules"]
    assert "(224 − 11 + 2·0)/4 + 1 = 54.25" in seen["hover"]
    assert seen["fixed"] == "  - conv: {out_channels: 96, kernel_size: 11, stride: 4, padding: [[0, 3], [0, 3]]}"
    assert seen["fixed_hints"] == [[2, "→ 96×55×55"], [3, "→ 96×55×55"]]
