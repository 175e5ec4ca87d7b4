/** Hands a file to the browser to be kept. It was fetched with the reader's token, which a plain link could not carry. */

/** Some browsers begin to read the file well after the click, and a copy of one's record is handed out only once. */
export const KEPT_FOR_MS = 60_000;

export function saveAs(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  setTimeout(() => {
    link.remove();
    URL.revokeObjectURL(address);
  }, KEPT_FOR_MS);
}
