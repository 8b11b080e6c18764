"""Every key of vtcode.toml: type, default, allowed values, description.

A class is a table and a field is a key; this is the only definition. The plain check, the pydantic
model, the texts of errors and the test of vtcode.toml.example are derived from these classes. A key
may be None ("not set") or have one of the types that ``config.keys`` knows.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal, TypeAlias

from vtcode_tui.config.rules import Range, Text
from vtcode_tui.config.secret import SecretStr
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.secrecy import SENSITIVE_NAME

Provider: TypeAlias = Literal["ollama"]
Effort: TypeAlias = Literal["none", "low", "medium", "high", "max"]
Policy: TypeAlias = Literal["allow", "prompt", "deny"]
TextTools: TypeAlias = Literal["auto", "on", "off"]
Plan: TypeAlias = Literal["auto", "on", "off"]
Notify: TypeAlias = Literal["auto", "bell", "off"]
SandboxMode: TypeAlias = Literal["off", "auto", "require"]

_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"

ModelId: TypeAlias = Annotated[
    str,
    Text(
        rf"(?=\s*\S)[^{_CONTROL}]+",
        'the name of a model such as "llama3:8b": any text that is not blank and holds no control characters',
    ),
]
Address: TypeAlias = Annotated[
    str,
    Text(
        rf"(?!.*\$\{{)[^\s{_CONTROL}]+",
        'the address of an Ollama server such as "http://localhost:11434", without blanks and without'
        " ${...} (the environment variable OLLAMA_BASE_URL is read by itself)",
    ),
]
ApiKey: TypeAlias = Annotated[
    SecretStr,
    Text(
        r"[\x21-\x7e]+",
        "a text of printable ASCII characters without blanks, since it is sent in an HTTP header",
    ),
]
KeepAlive: TypeAlias = Annotated[
    str,
    Text(
        r"0|[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+",
        'a duration such as "5m" or "1h30m"; "0" unloads the model at once, "-1m" never',
    ),
]
Name: TypeAlias = Annotated[
    str, Text(rf"[^\s{_CONTROL}]+", "a name without blanks and control characters")
]
CommandText: TypeAlias = Annotated[
    str,
    Text(
        rf"(?=\s*\S)[^{_CONTROL}]{{1,4096}}",
        'a command such as "git status", in one line, without control characters',
    ),
]
VariableName: TypeAlias = Annotated[
    str,
    Text(
        rf"(?i)(?!{SENSITIVE_NAME}"
        r"|(?:LD|DYLD|GIT|BASH)_|BASH(?:OPTS|_ENV)\Z|(?:PROMPT_COMMAND|SHELLOPTS|CDPATH|ZDOTDIR)\Z"
        r"|(?:PATH|SHELL|TERM|PAGER|MANPAGER|ENV|IFS|PS4|NODE_OPTIONS|NODE_PATH|RIPGREP_CONFIG_PATH)\Z"
        r"|PYTHON(?:PATH|HOME|STARTUP|BREAKPOINT|INSPECT)\Z|PERL5|PERLLIB\Z|RUBY(?:OPT|LIB)\Z|LUA_INIT"
        r"|\w*JAVA_\w*OPTIONS\Z|(?:GCONV_PATH|GREP_OPTIONS|LESSOPEN|LESSCLOSE|\w*_ASKPASS)\Z)"
        r"[A-Z_][A-Z0-9_]*",
        'the name of an environment variable such as "RUST_LOG", but none that is named like a secret'
        " (..._KEY, ..._TOKEN, AWS_...) or has programs run something (PATH, LD_..., GIT_...,"
        " PYTHONPATH, NODE_OPTIONS)",
    ),
]
KeyName: TypeAlias = Annotated[
    str, Text(rf"[^\s{_CONTROL}]{{1,40}}", 'the name of a key such as "ctrl+l" or "f5"')
]


def _says(explanation: str) -> dict[str, str]:
    """Field metadata with the one-line description of a key."""
    return {"explanation": explanation}


@dataclass(frozen=True, slots=True)
class AgentSettings:
    provider: Provider = field(
        default="ollama", metadata=_says("Where models run; Ollama is the only one.")
    )
    default_model: ModelId | None = field(
        default=None,
        metadata=_says(
            "The model to start with, exactly as the server names it; unset: the picker asks."
        ),
    )
    reasoning_effort: Effort | None = field(
        default=None,
        metadata=_says(
            "How long a model that can think does so: none, low, medium, high or max; unset: the model's own way."
        ),
    )
    text_tools: TextTools = field(
        default="auto",
        metadata=_says(
            "Tool calls as plain text: auto where a model takes no others; on always; off never."
        ),
    )
    compact_at: Annotated[int, Range(30, 95, "percent")] = field(
        default=80,
        metadata=_says(
            "At how many percent of the context window room is made in it, from 30 to 95."
        ),
    )
    plan: Plan = field(
        default="auto",
        metadata=_says(
            "The plan that a model keeps and you see: auto for models that handle many tools, on, off."
        ),
    )


@dataclass(frozen=True, slots=True)
class ToolsSettings:
    default_policy: Policy | None = field(
        default=None,
        metadata=_says(
            "What happens to tools not listed below: allow, prompt or deny; unset: reading is allowed, the rest prompts."
        ),
    )
    command_timeout_s: Annotated[int, Range(1, 3600, "seconds")] = field(
        default=120, metadata=_says("After how many seconds a command is stopped, from 1 to 3600.")
    )
    max_tool_loops: Annotated[int, Range(1, 1000, "steps")] = field(
        default=40,
        metadata=_says(
            "How many steps one turn may take before you are asked whether it goes on, 1 to 1000."
        ),
    )
    policies: Mapping[str, Policy] = field(
        default_factory=dict,
        metadata=_says("The policy of one tool, by its name: allow, prompt or deny."),
    )


@dataclass(frozen=True, slots=True)
class CommandsSettings:
    allow_list: tuple[CommandText, ...] | None = field(
        default=None,
        metadata=_says(
            'What run_terminal_cmd = "allow" lets run unasked, if it is proven to do only that; unset: commands that only read.'
        ),
    )
    deny_list: tuple[CommandText, ...] | None = field(
        default=None,
        metadata=_says(
            "Programs, or programs with their first words, that are refused where they can be seen; a filter, not a wall."
        ),
    )
    pass_env: tuple[VariableName, ...] | None = field(
        default=None,
        metadata=_says(
            "Environment variables that commands get besides HOME, PATH, the locale and the like; counts in your own file alone, and none is named like a secret."
        ),
    )


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    mode: SandboxMode = field(
        default="auto",
        metadata=_says(
            "The sandbox of commands: auto uses the one that is there, require runs none without it, off uses none."
        ),
    )
    network: bool = field(
        default=False, metadata=_says("Whether commands in the sandbox may use the network.")
    )


@dataclass(frozen=True, slots=True)
class OllamaSettings:
    base_url: Address | None = field(
        default=None,
        metadata=_says("The address of the server, without /v1; unset: http://localhost:11434."),
    )
    api_key: ApiKey | None = field(
        default=None,
        metadata=_says(
            "The key for Ollama Cloud; name a variable and the key itself stays out of this file."
        ),
    )
    keep_alive: KeepAlive | None = field(
        default=None,
        metadata=_says(
            'How long the server keeps the model loaded after an answer; "-1m" is for ever; unset: the server decides.'
        ),
    )
    num_ctx: Annotated[int, Range(512, 1_048_576, "tokens")] | None = field(
        default=None,
        metadata=_says(
            "The context window in tokens, 512 to 1048576; unset: what model and memory allow, at most 32768."
        ),
    )


@dataclass(frozen=True, slots=True)
class ProvidersSettings:
    ollama: OllamaSettings = field(default_factory=OllamaSettings)


@dataclass(frozen=True, slots=True)
class UiSettings:
    theme: Name | None = field(
        default=None,
        metadata=_says(
            "The colours, by the name of a theme, such as textual-dark or textual-light."
        ),
    )
    ascii: bool | None = field(
        default=None,
        metadata=_says(
            "Whether to draw with ASCII alone; unset: where the locale or the terminal asks for it."
        ),
    )
    motion: bool = field(default=True, metadata=_says("Whether anything may blink or slide."))
    copy_on_select: bool = field(
        default=True,
        metadata=_says("Whether text that is selected with the mouse is copied at once."),
    )
    notify: Notify = field(
        default="auto",
        metadata=_says(
            "How you are told of an answer or a question while the window is not in front: auto, bell, off."
        ),
    )
    keys: Mapping[str, KeyName | tuple[KeyName, ...]] = field(
        default_factory=dict,
        metadata=_says(
            "The key of one action, or a list of keys; docs/commands-and-keys.md has the names."
        ),
    )


@dataclass(frozen=True, slots=True)
class Settings:
    agent: AgentSettings = field(default_factory=AgentSettings)
    tools: ToolsSettings = field(default_factory=ToolsSettings)
    commands: CommandsSettings = field(default_factory=CommandsSettings)
    sandbox: SandboxSettings = field(default_factory=SandboxSettings)
    providers: ProvidersSettings = field(default_factory=ProvidersSettings)
    ui: UiSettings = field(default_factory=UiSettings)
