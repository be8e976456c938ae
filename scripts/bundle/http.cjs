// Stands for `node:http` in the bundle. An ES module that imports the real one makes Node evaluate all of its exports, and
// `WebSocket` among them is undici with HTTP/2: 9 MB that nobody uses.
module.exports = process.getBuiltinModule('node:http');
