// Imports every entry that its arguments name, and prints how many names each exports.
const counts = {};
for (const entry of process.argv.slice(2)) counts[entry] = Object.keys(await import(entry)).length;
console.log(JSON.stringify(counts));
