"""Names and texts that were made to hurt."""

NAMES = (
    "=cmd|' /C calc'!A0.png",
    "+1.png",
    "@SUM(A1).png",
    "-2.png",
    "\t=1.png",
    "＝1.png",
    "<img src=x onerror=alert(1)>.png",
    "'\"><script>alert(1)</script>.png",
    "[a](javascript:alert(1)) ![b](//host/b) **c** `d` | :smile: $e$ #f.png",
    "a\x00\x1b[31m\x07.png",
    "\u202egnp.exe.png",
    "new\nline\r\u2028.png",
    "../../etc/passwd.png",
    "%{x} &lt;b&gt; {0} %s.png",
    "写真\u3000表.png",
    "x" * 300 + ".png",
)
"""Of files: formulas, HTML, Markdown, control characters, paths, templates, length."""
