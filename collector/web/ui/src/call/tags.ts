// Tags of "vip, claim 17", each once.
export const tagsIn = (text: string): string[] => [...new Set(text.split(',').map((tag) => tag.trim()).filter(Boolean))];
