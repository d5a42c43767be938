//! Codes for contract texts.

codes! { Contract,
    YAML_SYNTAX = "yaml-syntax": "the text is not YAML";
        help "mend the text at the position given"; example "`a: [1`"
    YAML_TAB = "yaml-tab": "a tab indents a line";
        help "indent with spaces"; example "a line that starts with a tab"
}
