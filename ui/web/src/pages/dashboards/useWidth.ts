import { useEffect, useState, type RefCallback } from "react";

/** The width of an element in steps of 100 px, so that a dragged window does not ask for new steps all the time. */
export function useWidth(): [RefCallback<HTMLElement>, number] {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(() => coarse(window.innerWidth));
  useEffect(() => {
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(coarse(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
}

function coarse(width: number): number {
  return Math.max(300, Math.ceil(width / 100) * 100);
}
