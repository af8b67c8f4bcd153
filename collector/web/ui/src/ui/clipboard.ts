// Browsers give the clipboard to pages over HTTPS and on the machine itself
// only; elsewhere they copy what is selected. False: neither worked.
export async function copyText(text: string, beside: HTMLElement): Promise<boolean> {
  if (window.isSecureContext) {
    const done = await navigator.clipboard.writeText(text).then(() => true, () => false);
    if (done) return true;
  }
  const field = document.createElement('textarea');
  field.className = 'hidden-label';
  field.readOnly = true;
  field.value = text;
  // Not at the end of the page: beside an open dialog nothing can be selected.
  beside.after(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  beside.focus();
  return done;
}
