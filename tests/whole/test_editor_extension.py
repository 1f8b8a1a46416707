"""The extension for VS Code: it starts the server with the client's settings, here with stand-ins for the editor."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from cnncalc.lsp.hints import FIGURES

FOLDER = Path(__file__).parents[2] / "editors" / "vscode"
SCRIPT = """
const Module = require("module");
const said = [];
const settings = { command: "/opt/cnncalc", hints: ["params"] };
let changed;
const vscode = {
  workspace: {
    getConfiguration: () => ({ get: (name, otherwise) => settings[name] ?? otherwise }),
    onDidChangeConfiguration: (listener) => { changed = listener; return {}; },
  },
  commands: { registerCommand: (name) => { said.push(["command", name]); return {}; } },
  window: { showErrorMessage: (text) => said.push(["error", text]) },
};
class LanguageClient {
  constructor(id, name, server, client) { said.push(["client", server, client.initializationOptions]); }
  async start() { if (settings.command === "missing") throw new Error("ENOENT"); said.push(["start"]); }
  async stop() { said.push(["stop"]); }
  async sendNotification(method, params) { said.push([method, params]); }
}
const load = Module._load;
Module._load = (name, ...rest) =>
  name === "vscode" ? vscode : name === "vscode-languageclient/node" ? { LanguageClient } : load(name, ...rest);
(async () => {
  const extension = require(process.argv[1]);
  await extension.activate({ subscriptions: [] });
  settings.hints = ["macs"];
  await changed({ affectsConfiguration: (name) => name === "cnncalc.hints" });
  settings.command = "missing";
  await changed({ affectsConfiguration: (name) => name === "cnncalc.command" });
  await extension.deactivate();
  console.log(JSON.stringify(said));
})();
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_extension_starts_the_server_again_when_its_command_changes():
    command = ["node", "-e", SCRIPT, str(FOLDER / "extension.js")]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert said[:3] == [
        ["command", "cnncalc.restart"],
        ["client", {"command": "/opt/cnncalc", "args": ["lsp"]}, {"cnncalc": {"hints": ["params"]}}],
        ["start"],
    ]
    assert said[3] == ["workspace/didChangeConfiguration", {"settings": {"cnncalc": {"hints": ["macs"]}}}]
    assert [words[0] for words in said[4:]] == ["stop", "client", "error"]
    assert "pip install" in said[-1][1]


def test_the_manifest_offers_the_figures_that_the_server_knows():
    manifest = json.loads((FOLDER / "package.json").read_text("utf-8"))
    properties = manifest["contributes"]["configuration"]["properties"]
    assert properties["cnncalc.hints"]["items"]["enum"] == list(FIGURES)
    assert manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] == ["cnncalc.command"]
