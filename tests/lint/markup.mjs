// Mails by name on stdin → where they are no valid HTML, by html-validate.
import { text } from "node:stream/consumers";
import { HtmlValidate, StaticConfigLoader } from "html-validate";

const rules = {
  // Mail programs know no stylesheets (Outlook, forwarded mail), and Outlook only these attributes.
  "no-inline-style": "off",
  "no-deprecated-attr": "off",
  "no-conditional-comment": "off",
  // The title is the subject: it is not shown anywhere.
  "long-title": "off",
};
const validator = new HtmlValidate(
  new StaticConfigLoader({ root: true, extends: ["html-validate:recommended"], rules }),
);
const found = [];
for (const [mail, html] of Object.entries(JSON.parse(await text(process.stdin)))) {
  const report = await validator.validateString(html);
  for (const { messages } of report.results)
    for (const { line, ruleId, message } of messages) found.push({ mail, line, ruleId, message });
}
console.log(JSON.stringify(found));
