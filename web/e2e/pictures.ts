/** A film of two pictures, red and blue, of 60 by 30: an animated WebP. */
export const animatedWebP = {
  name: "动图.webp",
  mimeType: "image/webp",
  buffer: Buffer.from(
    "UklGRpAAAABXRUJQVlA4WAoAAAACAAAAOwAAHQAAQU5JTQYAAAD/////AABBTk1GLgAAAAAAAAAAADsAAB0AAPQBAAJWUDhMFQAA" +
      "AC87QAcABxD1j/4HgITw/7wa0f/UBQBBTk1GLgAAAAAAAAAAADsAAB0AAPQBAABWUDhMFQAAAC87QAcABxDR//4HgITw/7wa0f/U" +
      "BQA=",
    "base64",
  ),
};

/** A green picture of 60 by 30. */
export const avif = {
  name: "绿.avif",
  mimeType: "image/avif",
  buffer: Buffer.from(
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAAD5bWV0YQAAAAAAAAAvaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAA" +
      "AFBpY3R1cmVIYW5kbGVyAAAAAA5waXRtAAAAAAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAASEAAAAcAAAAKGlpbmYAAAAAAAEA" +
      "AAAaaW5mZQIAAAAAAQAAYXYwMUNvbG9yAAAAAGppcHJwAAAAS2lwY28AAAAUaXNwZQAAAAAAAAA8AAAAHgAAABBwaXhpAAAAAAMI" +
      "CAgAAAAMYXYxQ4EADAAAAAATY29scm5jbHgAAgACAAIAAAAAF2lwbWEAAAAAAAAAAQABBAECgwQAAAAkbWRhdAoGGBU762AQMhIY" +
      "AAAAUAAAAAs8/LtEASm+YRw=",
    "base64",
  ),
};
