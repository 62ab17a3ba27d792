import { useMemo } from "preact/hooks";
import { encode } from "uqr";
import { qrPath } from "./qr_path.ts";

/** How many light squares have to be around it, for cameras to find it. */
const QUIET_ZONE = 4;

/** A text for cameras: dark on white by night as well, as some of them read nothing else. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { size, data } = encode(text, { ecc: "M", border: QUIET_ZONE });
    return { size, path: qrPath(data) };
  }, [text]);
  return (
    <svg
      class="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
