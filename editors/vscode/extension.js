// Starts `cnncalc lsp` when a file is opened that may be a network; everything else is the server's.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;

// What JSON and ini files hold if they are networks of Keras or Darknet: for others, no server is started.
const MARKS = {
  json: /"(class_name|className|input_layers|inputLayers)"\s*:/,
  properties: /^\s*\[(net|network)\]/m,
};

/** Whether a document may be a network. */
function isNetwork(document) {
  const mark = MARKS[document.languageId];
  return mark ? mark.test(document.getText()) : ["yaml", "prototxt"].includes(document.languageId);
}

/** The settings that the server reads. */
function settings() {
  return { cnncalc: { hints: vscode.workspace.getConfiguration("cnncalc").get("hints", []) } };
}

let wanted = false; // since a network was opened

async function startFor(document) {
  if (!wanted && isNetwork(document)) {
    wanted = true;
    await start();
  }
}

async function start() {
  wanted = true;
  const command = vscode.workspace.getConfiguration("cnncalc").get("command", "cnncalc");
  client = new LanguageClient(
    "cnncalc",
    "cnncalc",
    { command, args: ["lsp"] },
    {
      documentSelector: [
        { language: "yaml", scheme: "file" },
        { language: "yaml", scheme: "untitled" },
        { pattern: "**/*.{prototxt,cfg,json}", scheme: "file" },
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
    vscode.workspace.onDidOpenTextDocument(startFor),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("cnncalc.command") && wanted) {
        await stop();
        await start();
      } else if (event.affectsConfiguration("cnncalc.hints")) {
        await client?.sendNotification("workspace/didChangeConfiguration", { settings: settings() });
      }
    }),
  );
  await Promise.all(vscode.workspace.textDocuments.map(startFor));
}

module.exports = { activate, deactivate: stop };
