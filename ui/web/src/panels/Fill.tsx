import { useLayoutEffect, useRef, useState, type ReactNode } from "react";
import css from "./Fill.module.css";

/** Draws what needs a height in pixels as high as there is room. */
export function Fill({ children }: { children: (height: number) => ReactNode }) {
  const outer = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(160);
  useLayoutEffect(() => {
    const element = outer.current;
    if (element === null) return;
    const measure = () => {
      if (element.clientHeight > 0) setHeight(element.clientHeight);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={outer} className={css.fill}>
      <div className={css.inner}>{children(height)}</div>
    </div>
  );
}
