const RULES = new Intl.PluralRules("ar");

/** `#` is the number; one and two are in the noun already. */
type Forms = Readonly<Record<Intl.LDMLPluralRule, string>>;

export function counted(count: number, forms: Forms): string {
  return forms[RULES.select(count)].replace("#", String(count));
}

/** In the case of an object, as all sentences here need it. */
export const OPERATIONS: Forms = {
  zero: "# عملية",
  one: "عملية واحدة",
  two: "عمليتين",
  few: "# عمليات",
  many: "# عملية",
  other: "# عملية",
};

export const MORE_OPERATIONS: Forms = {
  zero: "…و# عملية أخرى.",
  one: "…وعملية أخرى.",
  two: "…وعمليتان أخريان.",
  few: "…و# عمليات أخرى.",
  many: "…و# عملية أخرى.",
  other: "…و# عملية أخرى.",
};

export const MORE_DENIED: Forms = {
  zero: "…و# عملية أخرى لا يمكنك متابعتها.",
  one: "…وعملية أخرى لا يمكنك متابعتها.",
  two: "…وعمليتان أخريان لا يمكنك متابعتهما.",
  few: "…و# عمليات أخرى لا يمكنك متابعتها.",
  many: "…و# عملية أخرى لا يمكنك متابعتها.",
  other: "…و# عملية أخرى لا يمكنك متابعتها.",
};

export const MORE_REFUSED: Forms = {
  zero: "…و# عنوان آخر لا أستطيع قراءته.",
  one: "…وعنوان آخر لا أستطيع قراءته.",
  two: "…وعنوانان آخران لا أستطيع قراءتهما.",
  few: "…و# عناوين أخرى لا أستطيع قراءتها.",
  many: "…و# عنوانًا آخر لا أستطيع قراءته.",
  other: "…و# عنوان آخر لا أستطيع قراءته.",
};

export const MORE_PARTS: Forms = {
  zero: "و# جزء آخر",
  one: "وجزء آخر",
  two: "وجزءان آخران",
  few: "و# أجزاء أخرى",
  many: "و# جزءًا آخر",
  other: "و# جزء آخر",
};

export const FAILED_PARTS: Forms = {
  zero: "فشل # جزء",
  one: "فشل جزء واحد",
  two: "فشل جزءان",
  few: "فشلت # أجزاء",
  many: "فشل # جزءًا",
  other: "فشل # جزء",
};

export const CHARACTERS: Forms = {
  zero: "# حرف",
  one: "حرف واحد",
  two: "حرفان",
  few: "# أحرف",
  many: "# حرفًا",
  other: "# حرف",
};

export const STEPS: Readonly<Record<"apps" | "channels", Forms>> = {
  apps: {
    zero: "# تطبيق",
    one: "تطبيق واحد",
    two: "تطبيقان",
    few: "# تطبيقات",
    many: "# تطبيقًا",
    other: "# تطبيق",
  },
  channels: {
    zero: "# قناة",
    one: "قناة واحدة",
    two: "قناتان",
    few: "# قنوات",
    many: "# قناة",
    other: "# قناة",
  },
};
