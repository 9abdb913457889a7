"""Which classes of flaw a text names, whatever it calls them: two reports of one place may tell of two flaws.

The classes follow the CWE's (cwe.mitre.org); the words are those of reporters, in the languages in which they write most.
"""

from collections.abc import Mapping
from functools import cache

from triaged.core.phrases import Phrasebook, Words

FLAWS: Mapping[str, tuple[str, ...]] = {
    "cross-site scripting": (
        "xss", "cross site script*", "script injection", "html injection", "svg onload", "img src", "onerror",
        "execute javascript", "executes javascript", "execute script", "runs script", "javascript executes", "script runs",
        "runs the script", "javascript se ejecuta", "ejecuta javascript", "javascript ausführen", "injection html",
    ),
    "request forgery": (
        "csrf", "xsrf", "cross site request*", "anti forgery", "forged request", "cross origin post",
        "login csrf", "lacks a state", "state missing",
    ),
    "server-side request forgery": (
        "ssrf", "server side request*", "169.254.169.254", "link local", "cloud metadata", "metadata service",
        "internal addresses", "private networks", "private ranges",
    ),
    "missing authorization": (
        "idor", "idors", "insecure direct object", "bola", "broken access control", "missing authorization",
        "no authorization",
        "without authorization", "other tenant*", "another tenant*", "another workspace",
        "other customer's", "another customer's",
        "access control", "privilege escalation", "fehlende berechtigung*", "control de acceso", "contrôle d'accès",
        "controle de acesso", "越权", "権限", "mass assignment", "escalation of privilege*",
    ),
    "missing authentication": (
        "authentication bypass", "auth bypass", "without authentication", "no authentication",
        "unauthenticated", "without auth",
        "no auth", "without login", "default credential*", "default password", "guest guest", "admin admin",
        "anonymous access",
        "anonymous read", "without a password", "without password", "ohne anmeldung", "sans authentification",
        "sin autenticación", "sem autenticação", "2fa bypass", "mfa bypass", "未授权访问", "認証なし",
    ),
    "sql injection": (
        "sql injection*", "sqli", "blind sql", "pg_sleep", "union select", "inyección sql", "injection sql", "sql注入",
    ),
    "command injection": (
        "command injection", "os command", "shell command*", "command execution", "os.popen", "inyección de comandos",
        "injection de commandes", "befehlsinjektion",
    ),
    "template injection": ("template injection", "ssti"),
    "path traversal": (
        "path traversal", "directory traversal", "lfi", "local file inclusion", "zip slip", "tar slip",
        "etc passwd", "etc shadow",
        "arbitrary file read", "arbitrary files", "traversée de répertoire*",
    ),
    "deserialization": ("deserialization", "deserialisation", "unserialize", "pickle", "unpickle*", "yaml.load"),
    "prototype pollution": ("prototype pollution", "__proto__", "object.prototype"),
    "memory corruption": (
        "buffer overflow", "heap overflow", "heap buffer overflow", "stack overflow", "out of bounds", "use after free",
        "double free", "integer overflow", "memory corruption", "asan", "addresssanitizer", "pufferüberlauf",
    ),
    "denial of service": (
        "denial of service", "dos", "ddos", "redos", "catastrophic backtracking", "exponential", "resource exhaustion",
        "out of memory", "hangs", "crash", "crashes", "déni de service", "denegación de servicio", "拒绝服务",
    ),
    "open redirect": ("open redirect*", "url redirect*", "offene weiterleitung", "redirection ouverte"),
    "external entities": ("xxe", "external entit*", "doctype"),
    "cross-origin sharing": ("cors", "access control allow origin"),
    "missing limit of attempts": (
        "brute force*", "bruteforce*", "rate limit*", "attempt limit", "no lockout", "unlimited tries", "throttl*",
        "credential stuffing",
    ),
    "request smuggling": ("request smuggling", "desync"),
    "clickjacking": ("clickjack*", "click jacking", "x frame options", "frame ancestors"),
    "cache flaw": ("cache poisoning", "cache deception", "cached copy", "caches it"),
    "race condition": ("race condition*", "toctou", "parallel request*", "simultaneous request*"),
    "takeover of a name": (
        "subdomain takeover", "domain takeover", "dangling", "dependency confusion", "typosquat*", "namespace takeover",
    ),
    "exposed secret": (
        "hard coded", "hardcoded", "leaked token*", "leaked key*", "token leaked", "leaked credential*", "leaked secret*",
        "secret in a public", "token in a public", "key in a public", "secret scanning",
    ),
    "open storage": ("s3 bucket", "public bucket", "open bucket", "world readable bucket", "no sign request", "blob storage"),
    "weak cryptography": ("weak key", "weak cipher*", "alg none", "none algorithm", "insecureskipverify", "hostnameverifier",
                          "certificate verification", "certificate validation", "man in the middle", "mitm"),
    "session flaw": (
        "session fixation", "session never expires", "token never expires", "tokens never expire", "session hijack*",
    ),
    "header injection": ("host header", "crlf injection", "header injection", "header poison*"),
    "enumeration": ("enumerat*", "no such user", "user listing"),
    "prompt injection": (
        "prompt injection", "indirect injection", "hidden instruction*", "injected instruction*", "ignore all previous",
        "ignore previous", "follows orders", "obeys them", "prompt einschleus*", "inyección de prompt*", "提示注入",
        "プロンプトインジェクション",
    ),
    "system prompt leak": ("system prompt", "system message", "secret instructions", "instrucciones del sistema"),
    "jailbreak": ("jailbreak*", "guardrail*", "moderation bypass", "filter bypass", "block list", "safety filter*"),
    "training data leak": ("training data", "memorised", "memorized", "trainingsdaten", "memorization"),
    "voice cloning": ("voice clon*", "cloned voice*", "clone was created", "consent check", "consent verification"),
    "spoofed mail": ("spf", "dmarc", "email spoofing", "mail spoofing"),
    "symbolic link": ("symlink*", "symbolic link*"),
    "wrong permissions of a file": ("mode 0644", "mode 0666", "rw r r", "world readable", "chmod"),
}  # fmt: skip
"""Each class with what names it, as phrases of a policy are written."""

_BY_WEAKNESS: Mapping[str, str] = {
    "CWE-79": "cross-site scripting",
    "CWE-352": "request forgery",
    "CWE-918": "server-side request forgery",
    "CWE-284": "missing authorization",
    "CWE-285": "missing authorization",
    "CWE-639": "missing authorization",
    "CWE-862": "missing authorization",
    "CWE-863": "missing authorization",
    "CWE-287": "missing authentication",
    "CWE-306": "missing authentication",
    "CWE-89": "sql injection",
    "CWE-77": "command injection",
    "CWE-78": "command injection",
    "CWE-1336": "template injection",
    "CWE-22": "path traversal",
    "CWE-502": "deserialization",
    "CWE-1321": "prototype pollution",
    "CWE-119": "memory corruption",
    "CWE-120": "memory corruption",
    "CWE-122": "memory corruption",
    "CWE-125": "memory corruption",
    "CWE-416": "memory corruption",
    "CWE-787": "memory corruption",
    "CWE-400": "denial of service",
    "CWE-1333": "denial of service",
    "CWE-601": "open redirect",
    "CWE-611": "external entities",
    "CWE-942": "cross-origin sharing",
    "CWE-307": "missing limit of attempts",
    "CWE-444": "request smuggling",
    "CWE-1021": "clickjacking",
    "CWE-362": "race condition",
    "CWE-798": "exposed secret",
    "CWE-295": "weak cryptography",
    "CWE-1427": "prompt injection",
}
MOST_FLAWS = 4
"""A text that names more classes than this lists them."""


def flaws_in(words: Words, weaknesses: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The classes that the words or CWE ids name, in the order of the table; none of a text that names very many."""
    named = {_class_of()[each.phrase] for each in _book().found(words)}
    named |= {_BY_WEAKNESS[each] for each in weaknesses if each in _BY_WEAKNESS}
    return tuple(each for each in FLAWS if each in named) if len(named) <= MOST_FLAWS else ()


@cache
def _book() -> Phrasebook:
    return Phrasebook(phrase for phrases in FLAWS.values() for phrase in phrases)


@cache
def _class_of() -> dict[str, str]:
    return {phrase: name for name, phrases in FLAWS.items() for phrase in phrases}
