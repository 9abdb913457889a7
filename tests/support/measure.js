// What is shown of a page: each text with its colours, what sticks out at the right, and the links.
(() => {
  const colour = (css) => {
    const [red, green, blue, alpha = 1] = css.match(/[\d.]+/g).map(Number);
    return { rgb: [red, green, blue], alpha };
  };
  const over = (top, alpha, ground) => top.map((part, at) => part * alpha + ground[at] * (1 - alpha));
  const canvas = matchMedia("(prefers-color-scheme: dark)").matches &&
    getComputedStyle(document.documentElement).colorScheme.includes("dark") ? [18, 18, 18] : [255, 255, 255];

  // From the page outward in: what lies behind a text is all grounds on the way to it, one over the other.
  const drawn = (element) => {
    let paper = canvas;
    let opacity = 1;
    const way = [];
    for (let each = element; each; each = each.parentElement) way.unshift(each);
    for (const each of way) {
      const style = getComputedStyle(each);
      const ground = colour(style.backgroundColor);
      opacity *= Number(style.opacity);
      paper = over(ground.rgb, ground.alpha * opacity, paper);
    }
    const ink = colour(getComputedStyle(element).color);
    return [over(ink.rgb, ink.alpha * opacity, paper), paper];
  };
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });

  const texts = [];
  const tooWide = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const words = walk.currentNode.data.trim();
    const element = walk.currentNode.parentElement;
    if (!words || !shown(element)) continue;
    texts.push([words, ...drawn(element)]);
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const box = range.getBoundingClientRect();
    if (box.right > innerWidth + 0.5 || box.left < -0.5) tooWide.push(`text ${words.slice(0, 60)}`);
  }
  for (const each of document.body.querySelectorAll("*")) {
    if (!shown(each)) continue;
    const box = each.getBoundingClientRect();
    if (box.right > innerWidth + 0.5 || box.left < -0.5) tooWide.push(`<${each.localName}> ${each.textContent.trim().slice(0, 60)}`);
    if (each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible" && each.clientWidth > 0)
      tooWide.push(`cut off: <${each.localName}> ${each.textContent.trim().slice(0, 60)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) tooWide.push(`the page, ${document.documentElement.scrollWidth} px`);

  const links = [...document.querySelectorAll("a[href], area[href]")].map((each) => [each.textContent.trim(), each.getAttribute("href")]);
  return { width: innerWidth, texts, tooWide, links };
})()
