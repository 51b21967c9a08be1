// node read_repository.mjs NODE_MODULES REPOSITORY TRUSTED_ROOT WORK_DIR TARGET...
// Serves REPOSITORY (metadata/, targets/) on the loopback and reads it with tuf-js as a device does
// that knows only TRUSTED_ROOT: refresh, find each TARGET, download it, check its bytes. Prints one
// line of JSON; exit 1 with the error's name when anything is refused.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const [nodeModules, repository, trustedRoot, workDir, ...targets] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(nodeModules), 'x.js'));
const { Updater } = require('tuf-js');

function serve(folder) {
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const file = path.join(folder, path.normalize(name));
    fs.readFile(file, (error, bytes) => {
      response.writeHead(error ? 404 : 200, { 'content-type': 'application/octet-stream' });
      response.end(error ? '' : bytes);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function newestRootThatWasTaken(metadataDir) {
  return JSON.parse(fs.readFileSync(path.join(metadataDir, 'root.json'))).signed.version;
}

async function read(baseUrl) {
  const metadataDir = path.join(workDir, 'metadata');
  const targetDir = path.join(workDir, 'targets');
  fs.mkdirSync(metadataDir, { recursive: true });
  fs.mkdirSync(targetDir, { recursive: true });
  fs.copyFileSync(trustedRoot, path.join(metadataDir, 'root.json'));
  const updater = new Updater({
    metadataDir,
    targetDir,
    metadataBaseUrl: `${baseUrl}/metadata`,
    targetBaseUrl: `${baseUrl}/targets`,
    config: { fetchRetry: 0 },
  });
  await updater.refresh();
  const got = {};
  for (const target of targets) {
    const info = await updater.getTargetInfo(target);
    if (!info) throw new Error(`no role lists ${target}`);
    const file = await updater.downloadTarget(info, path.join(targetDir, path.basename(target)));
    got[target] = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  }
  return { root: newestRootThatWasTaken(metadataDir), targets: got };
}

const server = await serve(repository);
try {
  const result = await read(`http://127.0.0.1:${server.address().port}`);
  console.log(JSON.stringify(result));
} catch (error) {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
} finally {
  server.close();
  server.closeAllConnections?.();
}
