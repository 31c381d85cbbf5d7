/** Where a file is read. */
export const fileURL = (id: string) => `/api/files/${id}`;

/** Where it is saved from, under its name. */
export const downloadURL = (id: string) => `/api/files/${id}?download=true`;

/** Where the small picture of a picture is. */
export const previewURL = (id: string) => `/api/files/${id}/preview`;
