const FORM = /^[a-z0-9*](?:[-a-z0-9.*]{0,251}[a-z0-9*])?$/;

/** A Kubernetes node name in which `*` stands for any characters, none included. */
export const isNamePattern = (pattern: string): boolean => FORM.test(pattern);

/** Linear in both lengths, whatever the pattern: no regular expression is made of it. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (!name.startsWith(head)) return false;
  const tail = rest.pop();
  if (tail === undefined) return name === head;
  let from = head.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return name.length - tail.length >= from && name.endsWith(tail);
}
