// Zips a folder with a library of npm: node zip_with.mjs LIBRARY FOLDER ZIP. The libraries are found from where it is run.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [library, folder, zip] = process.argv.slice(2);
const require = createRequire(path.join(process.cwd(), "here.js"));
const load = (name) => import(require.resolve(name));

function* files(within = "") {
  for (const each of fs.readdirSync(path.join(folder, within), { withFileTypes: true })) {
    const name = within ? `${within}/${each.name}` : each.name;
    if (each.isDirectory()) yield* files(name);
    else if (each.isFile()) yield { name, path: path.join(folder, name), mode: fs.statSync(path.join(folder, name)).mode };
  }
}

const ended = (stream) => new Promise((done, failed) => stream.on("close", done).on("error", failed));
const write = (bytes) => fs.writeFileSync(zip, bytes);

const archived = (options) => async () => {
  const archive = (await load("archiver")).default("zip", options);
  const out = fs.createWriteStream(zip);
  archive.pipe(out).on("error", (error) => { throw error; });
  archive.directory(folder, false);
  await Promise.all([ended(out), archive.finalize()]);
};
const yazled = (options) => async () => {
  const file = new (await load("yazl")).default.ZipFile();
  for (const { name, path: from } of files()) file.addFile(from, name, { forceZip64Format: options.wide });
  file.end({ forceZip64Format: options.wide });
  await ended(file.outputStream.pipe(fs.createWriteStream(zip)));
};
const jszipped = (options) => async () => {
  const made = new (await load("jszip")).default();
  for (const { name, path: from, mode } of files()) made.file(name, fs.readFileSync(from), { unixPermissions: mode });
  write(await made.generateAsync({ type: "nodebuffer", compression: "DEFLATE", ...options }));
};
const zipjsed = (options) => async () => {
  const { ZipWriter, Uint8ArrayWriter, Uint8ArrayReader, configure } = await load("@zip.js/zip.js");
  configure({ useWebWorkers: false });
  const writer = new ZipWriter(new Uint8ArrayWriter(), options);
  for (const { name, path: from } of files()) await writer.add(name, new Uint8ArrayReader(fs.readFileSync(from)));
  write(await writer.close());
};

const LIBRARIES = {
  archiver: archived({ zlib: { level: 9 } }),
  "archiver-store": archived({ store: true, comment: "made by archiver", forceZip64: true }),
  yazl: yazled({ wide: false }),
  "yazl-zip64": yazled({ wide: true }),
  jszip: jszipped({}),
  "jszip-unix": jszipped({ platform: "UNIX", streamFiles: true, comment: "PK" }),
  "zip.js": zipjsed({}),
  "zip.js-zip64": zipjsed({ zip64: true, level: 0 }),
  fflate: async () => {
    const { zipSync } = await load("fflate");
    write(zipSync(Object.fromEntries([...files()].map(({ name, path: from }) => [name, fs.readFileSync(from)]))));
  },
  "fflate-unix": async () => {
    const { zipSync } = await load("fflate");
    const entry = ({ name, path: from, mode }) => [name, [fs.readFileSync(from), { os: 3, attrs: mode << 16 }]];
    write(zipSync(Object.fromEntries([...files()].map(entry))));
  },
  "adm-zip": async () => {
    const made = new (await load("adm-zip")).default();
    made.addLocalFolder(folder);
    made.writeZip(zip);
  },
  "client-zip": async () => {
    const { downloadZip } = await load("client-zip");
    const inputs = [...files()].map(({ name, path: from }) => ({ name, input: fs.readFileSync(from) }));
    write(Buffer.from(await downloadZip(inputs).arrayBuffer()));
  },
};

await LIBRARIES[library]();
