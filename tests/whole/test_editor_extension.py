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
let changed, opened;
const vscode = {
  workspace: {
    getConfiguration: () => ({ get: (name, otherwise) => settings[name] ?? otherwise }),
    textDocuments: [{ languageId: "json", getText: () => '{"name": "left-pad"}' }],
    onDidOpenTextDocument: (listener) => { opened = listener; return {}; },
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
  said.push(["active"]);
  await opened({ languageId: "properties", getText: () => "[metadata]" });
  await opened({ languageId: process.argv[2], getText: () => process.argv[3] });
  settings.hints = ["macs"];
  await changed({ affectsConfiguration: (name) => name === "cnncalc.hints" });
  settings.command = "missing";
  await changed({ affectsConfiguration: (name) => name === "cnncalc.command" });
  await extension.deactivate();
  console.log(JSON.stringify(said));
})();
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("yaml", ""),
        ("prototxt", ""),
        ("json", '{"class_name": "Sequential"}'),
        ("properties", "# a\n[net]\n"),
    ],
)
def test_the_extension_starts_the_server_for_a_network_and_again_when_its_command_changes(language, text):
    command = ["node", "-e", SCRIPT, str(FOLDER / "extension.js"), language, text]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert said[:4] == [
        ["command", "cnncalc.restart"],
        ["active"],
        ["client", {"command": "/opt/cnncalc", "args": ["lsp"]}, {"cnncalc": {"hints": ["params"]}}],
        ["start"],
    ]
    assert said[4] == ["workspace/didChangeConfiguration", {"settings": {"cnncalc": {"hints": ["macs"]}}}]
    assert [words[0] for words in said[5:]] == ["stop", "client", "error"]
    assert "pip install" in said[-1][1]


def test_the_manifest_offers_the_figures_that_the_server_knows():
    manifest = json.loads((FOLDER / "package.json").read_text("utf-8"))
    properties = manifest["contributes"]["configuration"]["properties"]
    assert properties["cnncalc.hints"]["items"]["enum"] == list(FIGURES)
    assert manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] == ["cnncalc.command"]
