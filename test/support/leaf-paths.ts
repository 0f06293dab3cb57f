/** Paths of the values that are there, e.g. `user.groups[].name`, each once. */
export function leaves(value: unknown, prefix = '', found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) value.forEach((one) => leaves(one, `${prefix}[]`, found));
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) leaves(inner, prefix === '' ? name : `${prefix}.${name}`, found);
  } else if (value !== undefined) found.add(prefix);
  return found;
}
