// Takes out of package-lock.json what no install needs: whom to send money, with their addresses.
import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(FILE, "utf-8"));
for (const one of Object.values(lock.packages)) {
  delete one.funding;
  delete one.resolved;
}
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
