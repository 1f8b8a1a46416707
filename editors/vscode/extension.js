// Starts `cnncalc lsp` for YAML files; everything else is the server's.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;

/** The settings that the server reads. */
function settings() {
  return { cnncalc: { hints: vscode.workspace.getConfiguration("cnncalc").get("hints", []) } };
}

async function start() {
  const command = vscode.workspace.getConfiguration("cnncalc").get("command", "cnncalc");
  client = new LanguageClient(
    "cnncalc",
    "cnncalc",
    { command, args: ["lsp"] },
    {
      documentSelector: [
        { language: "yaml", scheme: "file" },
        { language: "yaml", scheme: "untitled" },
      ],
      initializationOptions: settings(),
    },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    vscode.window.showErrorMessage(
      `cnncalc: cannot start '${command} lsp' (${error}). Install it with: pip install "cnncalc[lsp]", or set cnncalc.command.`,
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

/** @param {vscode.ExtensionContext} context */
async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("cnncalc.restart", async () => {
      await stop();
      await start();
    }),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("cnncalc.command")) {
        await stop();
        await start();
      } else if (event.affectsConfiguration("cnncalc.hints")) {
        await client?.sendNotification("workspace/didChangeConfiguration", { settings: settings() });
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
