"""The base of our own widgets: they draw lines in named styles."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import TRANSPARENT
from textual.geometry import Region, Size
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from beantop.app.keys import named
from beantop.app.view.lines import Line, cut, width_of
from beantop.app.widgets.named_styles import ink_of
from beantop.ascii_signs import ASCII

FADED = Style(dim=True)

CLICK = "@"
"""Begins the style name that makes words a button: `@sort` runs the action `sort` on a click."""


class Styled(Widget):
    """A widget whose text has named styles. Its text is never parsed as markup."""

    ALLOW_SELECT = False

    faded = False
    """Whether all of it is drawn dim, because its data is out of date."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        self._known_styles: dict[str, Style] = {}
        super().__init__(id=id, classes=classes)

    def __init_subclass__(cls, **options: bool) -> None:
        if "BINDINGS" in vars(cls):
            cls.BINDINGS = named(cls.BINDINGS)  # so that [keys] can change them
        super().__init_subclass__(**options)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Replace our non-ASCII signs here in ASCII mode, so that no other code needs to."""
        strips = super().render_lines(crop)
        return [_in_ascii(strip) for strip in strips] if self.app.has_class("-ascii") else strips

    def style_of(self, names: str) -> Style:
        """Return the combined style of these names on this widget. It is cached."""
        if (known := self._known_styles.get(names)) is not None:
            return known
        style = self._composed(names.split())
        if self.faded:
            style += FADED
        self._known_styles[names] = style
        return style

    def _composed(self, names: Sequence[str]) -> Style:
        own = self.get_visual_style()
        background, color = own.background or TRANSPARENT, own.foreground or TRANSPARENT
        text_style = Style()
        for name in names:
            if name.startswith(CLICK):
                text_style += Style(meta={CLICK: name.removeprefix(CLICK)})
                continue
            ink = ink_of(name, self.app)
            if ink.background:
                background += ink.background
            if ink.color:
                color = ink.color
            text_style += ink.attributes
        return text_style + Style.from_color((background + color).rich_color, background.rich_color)

    def forget_styles(self) -> None:
        """Compute all styles again when they are next used."""
        self._known_styles = {}

    def fade(self, faded: bool) -> None:
        """Draw everything dim, or in normal styles."""
        if faded != self.faded:
            self.faded = faded
            self.forget_styles()
            self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.forget_styles()

    def segments_of(self, line: Line, width: int) -> list[Segment]:
        """Return a line in exactly `width` cells."""
        gap = width - width_of(line)
        if gap < 0:
            line = cut(line, width)
            gap = width - width_of(line)
        segments = [Segment(text, self.style_of(names)) for text, names in line]
        return [*segments, Segment(" " * gap, self.style_of(""))]


class Lines(Styled):
    """A few lines of styled text; only changed lines are redrawn."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines instead of the ones before."""
        width = self.get_content_width(self.size, self.size) if self._is_wide_as_text else 0
        before, self._lines = self._lines, list(lines)
        wider = self._is_wide_as_text and self.get_content_width(self.size, self.size) > width
        if len(before) != len(self._lines) or wider:
            self.refresh(layout=True)
            return
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    @property
    def _is_wide_as_text(self) -> bool:
        width = self.styles.width
        return width is not None and width.is_auto

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return max(map(width_of, self._lines), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines)

    async def on_click(self, event: events.Click) -> None:
        """Run the action of the words under the mouse, on the nearest widget that has it."""
        if action := event.style.meta.get(CLICK):
            event.stop()
            name = f"action_{action.partition('(')[0]}"
            owner = next((node for node in self.ancestors if hasattr(node, name)), self.app)
            await self.app.run_action(action, owner)

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else []
        return Strip(self.segments_of(line, self.size.width), self.size.width)


class AsciiScrollBar(ScrollBarRender):
    """A scrollbar that ends at whole cells."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


def _in_ascii(strip: Strip) -> Strip:
    segments = [Segment(text.translate(ASCII), style, control) for text, style, control in strip]
    return Strip(segments, strip.cell_length)
