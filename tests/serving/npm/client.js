// node client.js ADDRESS TEXT: print the translation of a French text.
import translate from "translate";

const [, , address, text] = process.argv;
translate.engine = "libre";
translate.url = `${address}/translate`;
console.log(await translate(text, { from: "fr", to: "en" }));
