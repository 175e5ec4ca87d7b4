/** Hands a file to the browser to be kept. It was fetched with the reader's token, which a plain link could not carry. */

export function saveAs(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
