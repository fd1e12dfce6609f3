// The syntax tree of a compiled template. Plain data.
//
// Nodes live in one arena and point to each other without owning, so that destroying a tree never
// recurses, however it was shaped by its source. Immutable once parsed; shared between threads.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/token/jinja/value.h"

namespace sotto::jinja {

enum class Operator : std::uint8_t {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn
};

enum class ExpressionKind : std::uint8_t {
    Constant,  // value
    Name,      // symbol
    List,
    Tuple,      // children
    Dict,       // children: key, value, key, value …
    Attribute,  // children[0] . name
    Item,       // children[0] [ children[1] ]
    Slice,      // children[0] [ children[1] : children[2] : children[3] ], nullptr: left out
    Call,       // children[0] ( arguments )
    Filter,     // children[0] | name ( arguments ); nullptr child: the block's own text
    Test,       // children[0] is name ( arguments )
    Not,
    Negate,
    Plus,
    And,
    Or,
    Binary,      // children[0] operators[0] children[1]
    Compare,     // children[0] operators[0] children[1] operators[1] children[2] …
    Concat,      // children
    Conditional  // children: condition, then, else (nullptr: undefined)
};

struct Expression {
    ExpressionKind kind = ExpressionKind::Constant;
    int line = 0;
    int column = 0;
    int symbol = -1;
    Value value;
    std::string name;
    std::vector<Expression*> children;
    std::vector<Operator> operators;
    // Arguments of Call, Filter and Test.
    std::vector<Expression*> positional;
    std::vector<std::pair<std::string, Expression*>> named;
    Expression* morePositional = nullptr;  // *expression
    Expression* moreNamed = nullptr;       // **expression
    const void* builtin = nullptr;         // FilterEntry or TestEntry; nullptr: no such name
};

// What a value is assigned to: a name, an attribute of a namespace, or several of them.
struct Target {
    int symbol = -1;  // the name, or the namespace's name
    std::string attribute;
    bool isTuple = false;
    std::vector<Target> parts;
};

enum class StatementKind : std::uint8_t {
    Text,
    Output,
    If,
    For,
    Set,
    SetBlock,
    Macro,
    CallBlock,
    FilterBlock,
    With,
    Group,
    Break,
    Continue
};

struct Statement;
using Body = std::vector<Statement*>;

struct Parameter {
    int symbol = -1;
    std::string name;
    Expression* fallback = nullptr;
};

struct Statement {
    StatementKind kind = StatementKind::Text;
    int line = 0;
    int column = 0;
    std::string text;                  // Text; Macro: its name
    Expression* expression = nullptr;  // Output, Set, For: iterable, SetBlock and FilterBlock:
                                       // filters, CallBlock: the call
    Expression* condition = nullptr;   // For: … if condition
    Target target;                     // Set, SetBlock, For, Macro
    bool isRecursive = false;          // For
    Body body;
    Body otherwise;                                         // If, For: else
    std::vector<std::pair<Expression*, Body>> branches;     // If: condition and body
    std::vector<std::pair<Target, Expression*>> variables;  // With
    std::vector<Parameter> parameters;                      // Macro, CallBlock
    bool isUsingCaller = false, isUsingVarargs = false, isUsingKwargs = false;  // Macro, CallBlock
};

struct Template {
    std::deque<Expression> expressions;
    std::deque<Statement> statements;
    std::unordered_map<std::string, int> symbols;  // name → id
    std::vector<std::string> symbolNames;          // id → name
    Body body;

    int symbolOf(const std::string& name) {
        const auto [entry, isNew] = symbols.emplace(name, static_cast<int>(symbolNames.size()));
        if (isNew) symbolNames.push_back(name);
        return entry->second;
    }
};

}  // namespace sotto::jinja
