/**
 * node:http and node:https without an import statement, which on Node 22 and 24 costs 56 to 76 ms at cold start
 * (nodejs/node#57649).
 */
export const http = process.getBuiltinModule('node:http');
export const https = process.getBuiltinModule('node:https');
