// Reads packed documents from standard input; writes them as the page has them.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { unpack } = await import(String(new URL("unpack.js", pathToFileURL(`${process.argv[2]}/`))));
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(unpack)));
