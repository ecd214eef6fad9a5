export declare const reactAlias: { find: RegExp; replacement: string }[];
export declare const reactUsers: RegExp[];
