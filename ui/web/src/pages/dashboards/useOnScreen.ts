import { useEffect, useState, type RefObject } from "react";

/** Whether an element is on the screen, or a little beside it; where nobody can tell, it is. */
export function useOnScreen(ref: RefObject<Element | null>): boolean {
  const [seen, setSeen] = useState(typeof IntersectionObserver === "undefined");
  useEffect(() => {
    const element = ref.current;
    if (element === null || typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver((entries) => setSeen(entries.at(-1)?.isIntersecting === true), { rootMargin: "120px 0px" });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return seen;
}
