// Mails by name on stdin → what some mail program does not show as meant, by caniemail's tables.
import { text } from "node:stream/consumers";
import { caniemail } from "caniemail";

const clients = ["gmail.*", "outlook.*", "apple-mail.*"];
const found = new Map();
for (const [mail, html] of Object.entries(JSON.parse(await text(process.stdin)))) {
  const { errors, warnings } = caniemail({ clients, html }).issues;
  for (const [support, issues] of [["none", errors], ["partial", warnings]])
    for (const [client, list] of issues)
      for (const { title, notes, position } of list) {
        const feature = title.replace(/ undefined$/, "");
        const key = JSON.stringify([feature, client, support]);
        const line = position?.start.line ?? 1;
        if (!found.has(key)) found.set(key, { mail, line, feature, client, support, notes });
      }
}
console.log(JSON.stringify([...found.values()]));
