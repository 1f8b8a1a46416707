"""Times the page of `view` in Chromium: until it is drawn, and one step of the slider. Medians, in milliseconds.

    python tests/benchmarks/page.py [SPEC …]

Needs the extra `browser` and Chromium. "drawn" is from the start of the navigation to the first frame; "step"
is all of the page's own work on a new size; "frame" includes style, layout and paint.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

import cnncalc

DEEP = """
input: 3x64x64
blocks:
  unit(channels):
    - residual:
        body:
          - conv: {out_channels: channels, kernel_size: 3, padding: 1, bias: false}
          - batchnorm
          - relu
          - conv: {out_channels: channels, kernel_size: 3, padding: 1, bias: false}
          - batchnorm
    - relu
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - sequence:
      - unit: 16
        repeat: {j: 140}
    repeat: {i: 10}
    name: stage{i + 1}
  - global_avgpool
  - flatten
  - linear: 10
"""
STEPS = """async () => {
  const { store } = cnncalc;
  const sizes = store.symbols.filter(({ of }) => of === "size");
  const [steps, frames] = [[], []];
  for (let i = 1; i <= 30; i++) {
    const start = performance.now();
    store.move(Object.fromEntries(sizes.map(({ name, value }) => [name, value + i])));
    steps.push(performance.now() - start);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    frames.push(performance.now() - start);
  }
  return [steps, frames];
}"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"


def main(names: list[str]) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    specs = {name: cnncalc.load(name) for name in names} or {
        "resnet@152": cnncalc.load("resnet@152"),
        "9,804 layers": cnncalc.parse(DEEP),
    }
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, spec in specs.items():
            path = Path(folder, "page.html")
            spec.view().save(path)
            drawn, steps, frames = [], [], []
            for _ in range(5):
                tab = browser.new_page(viewport={"width": 1280, "height": 900})
                tab.goto(path.as_uri())
                drawn.append(tab.evaluate(DRAWN))
                step, frame = tab.evaluate(STEPS)
                steps += step
                frames += frame
                tab.close()
            print(
                f"{name}: {path.stat().st_size / 1000:,.0f} kB, drawn {median(drawn):,.0f}, "
                f"step {median(steps):.1f}, frame {median(frames):.1f}"
            )
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
