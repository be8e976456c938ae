// Runs on any Node: without it one that is too old speaks of an unknown file extension.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `octograph needs Node.js 24 or newer; this is ${process.versions.node}. npm ci brings the right one along on Linux (x64, arm64)\n`,
  );
  process.exit(1);
}
