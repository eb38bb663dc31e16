"""Screens of a terminal, as `tmux capture-pane -e` gives them, become one SVG that plays them.

No script and no font comes with it; frames are switched by style sheet, and who wants no motion sees the
still one. Each distinct line is in it once.
"""
import re
from xml.sax.saxutils import escape

# Of a letter of 13 px in the usual fixed fonts, and of a line.
WIDTH, HEIGHT, MARGIN, BAR = 7.8, 17, 14, 26
GROUND, INK = "#16181d", "#d7dae0"
COLOURS = ["#3b4048", "#e06c75", "#7ec77b", "#d9b25f", "#6ca9f0", "#c586d9", "#56b6c2", "#d7dae0",
           "#7f8794", "#f28b93", "#98dd95", "#efcf82", "#8dc0ff", "#dba4ea", "#7fd3de", "#ffffff"]
PLAIN = {"ink": None, "ground": None, "bold": False, "dim": False, "line": False, "turned": False}


def indexed(number):
    if number < 16:
        return COLOURS[number]
    if number > 231:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    number -= 16
    parts = (number // 36, number // 6 % 6, number % 6)
    return "#" + "".join(f"{55 + 40 * part if part else 0:02x}" for part in parts)


def styled(style, codes):
    """The style after the numbers of one SGR sequence (ECMA-48 §8.3.117)."""
    style, codes = dict(style), [int(code or 0) for code in codes.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = dict(PLAIN)
        elif code in (1, 2, 4, 7):
            style[{1: "bold", 2: "dim", 4: "line", 7: "turned"}[code]] = True
        elif code in (22, 24, 27):
            style.update({22: {"bold": False, "dim": False}, 24: {"line": False}, 27: {"turned": False}}[code])
        elif code in (38, 48) and codes:
            kind = codes.pop(0)
            colour = indexed(codes.pop(0)) if kind == 5 else "#%02x%02x%02x" % tuple(codes[:3])
            codes = codes if kind == 5 else codes[3:]
            style["ink" if code == 38 else "ground"] = colour
        elif code in (39, 49):
            style["ink" if code == 39 else "ground"] = None
        elif 30 <= code % 60 <= 37 or 40 <= code % 60 <= 47:
            part = "ink" if code % 60 < 40 else "ground"
            style[part] = COLOURS[code % 10 + (8 if code >= 90 else 0)]
    return style


class Film:
    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.frames = []  # (numbers of lines, cursor, seconds)
        self.lines = {}
        self.style = PLAIN
        self.shown = 0

    def add(self, screen, cursor, seconds):
        self.style = PLAIN
        numbers = tuple(self.number(line) for line in screen)
        if self.frames and self.frames[-1][:2] == (numbers, cursor):
            seconds += self.frames.pop()[2]
        self.frames.append((numbers, cursor, seconds))

    def still(self):
        """The frame that was added last is the one for those who want no motion."""
        self.shown = len(self.frames) - 1

    def number(self, line):
        drawn = self.line(line)
        return self.lines.setdefault(drawn, len(self.lines)) if drawn else None

    def line(self, text):
        column, drawn = 0, []
        for part in re.split(r"(\x1b\[[0-9;]*m)", text):
            if part.startswith("\x1b["):
                self.style = styled(self.style, part[2:-1])
                continue
            part = re.sub(r"\x1b.|[\x00-\x1f]", "", part)
            drawn.append(self.run(part, column, self.style))
            column += len(part)
        return "".join(drawn)

    def run(self, text, column, style):
        ink, ground = style["ink"], style["ground"]
        if style["turned"]:
            ink, ground = ground or GROUND, ink or INK
        drawn = ""
        if ground and text:
            drawn = (f'<rect x="{column * WIDTH:g}" y="-13" width="{len(text) * WIDTH:g}" height="{HEIGHT}"'
                     f' fill="{ground}"/>')
        kinds = "".join(f' {name}="{value}"' for name, value in (
            ("fill", ink), ("font-weight", style["bold"] and "bold"), ("opacity", style["dim"] and "0.65"),
            ("text-decoration", style["line"] and "underline")) if value)
        # Whatever font is found, each letter keeps its column; more than one space is left out.
        for words in re.finditer(r"\S+(?: \S+)*", text):
            drawn += (f'<text x="{(column + words.start()) * WIDTH:g}" textLength="{len(words[0]) * WIDTH:g}"'
                      f' lengthAdjust="spacingAndGlyphs"{kinds}>{escape(words[0])}</text>')
        return drawn

    def svg(self, title):
        width, height = self.columns * WIDTH + 2 * MARGIN, self.rows * HEIGHT + 2 * MARGIN + BAR
        total = sum(seconds for _, _, seconds in self.frames)
        rules, frames, start = [], [], 0.0
        for place, (numbers, cursor, seconds) in enumerate(self.frames):
            first, last = 100 * start / total, 100 * (start + seconds) / total
            hidden = "0%{visibility:hidden}" if place else ""
            after = f"{last:.3f}%{{visibility:hidden}}" if place < len(self.frames) - 1 else ""
            rules.append(f"@keyframes k{place}{{{hidden}{first:.3f}%{{visibility:visible}}{after}}}"
                         f"#f{place}{{animation:k{place} {total:.1f}s step-end infinite}}")
            uses = "".join(f'<use href="#l{number}" y="{row * HEIGHT}"/>'
                           for row, number in enumerate(numbers) if number is not None)
            block = (f'<rect x="{cursor[0] * WIDTH:g}" y="{cursor[1] * HEIGHT - 13}" width="{WIDTH:g}"'
                     f' height="{HEIGHT}" fill="{INK}" opacity="0.7"/>')
            frames.append(f'<g class="f" id="f{place}">{uses}{block}</g>')
            start += seconds
        lines = "".join(f'<g id="l{number}">{drawn}</g>' for drawn, number in self.lines.items())
        dots = "".join(f'<circle cx="{MARGIN + 6 + 18 * place}" cy="{BAR / 2 + 3:g}" r="5" fill="#4b515c"/>'
                       for place in range(3))
        return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">
<title>{escape(title)}</title>
<!-- Made by docs/pictures/record. -->
<style>
text{{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace}}
.f{{visibility:hidden}}
{chr(10).join(rules)}
@media (prefers-reduced-motion:reduce){{.f{{animation:none!important}}#f{self.shown}{{visibility:visible}}}}
</style>
<defs>{lines}</defs>
<rect width="{width:g}" height="{height:g}" rx="9" fill="{GROUND}" stroke="#4b515c"/>
{dots}
<g fill="{INK}" transform="translate({MARGIN} {MARGIN + BAR + 8})">
{chr(10).join(frames)}
</g>
</svg>
"""
