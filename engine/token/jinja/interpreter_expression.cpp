#include <algorithm>
#include <array>
#include <utility>

#include "engine/token/jinja/builtins.h"
#include "engine/token/jinja/interpreter.h"
#include "engine/token/jinja/limits.h"

namespace sotto::jinja {

// One small function for each larger kind keeps this frame, which nests most, small.
Value Interpreter::evaluate(const Expression& expression) {
    const Level level(*this);
    const auto child = [&](std::size_t index) -> const Expression& {
        return *expression.children[index];
    };
    switch (expression.kind) {
        case ExpressionKind::Constant: return expression.value;
        case ExpressionKind::Name: return evaluateName(expression.symbol);
        case ExpressionKind::List:
        case ExpressionKind::Tuple: return evaluateItems(expression);
        case ExpressionKind::Dict: return evaluateDict(expression);
        case ExpressionKind::Slice: return evaluateSlice(expression);
        case ExpressionKind::Call: return evaluateCall(expression);
        case ExpressionKind::Filter: return evaluateFilter(expression);
        case ExpressionKind::Test: return evaluateTest(expression);
        case ExpressionKind::Compare: return evaluateComparison(expression);
        case ExpressionKind::Concat: return evaluateConcat(expression);
        case ExpressionKind::Conditional: return evaluateConditional(expression);
        case ExpressionKind::Not: return Value::of(!isTrue(evaluate(child(0))));
        case ExpressionKind::Negate: return negate(*this, evaluate(child(0)));
        case ExpressionKind::Plus: return plus(evaluate(child(0)));
        case ExpressionKind::Attribute: {
            const Value object = evaluate(child(0));
            m_line = expression.line;
            return getAttribute(*this, object, expression.value);
        }
        case ExpressionKind::Item: {
            const Value object = evaluate(child(0));
            const Value key = evaluate(child(1));
            m_line = expression.line;
            return getItem(*this, object, key);
        }
        case ExpressionKind::And: {
            Value left = evaluate(child(0));
            return isTrue(left) ? evaluate(child(1)) : left;
        }
        case ExpressionKind::Or: {
            Value left = evaluate(child(0));
            return isTrue(left) ? left : evaluate(child(1));
        }
        case ExpressionKind::Binary: {
            const Value left = evaluate(child(0));
            const Value right = evaluate(child(1));
            m_line = expression.line;
            return applyBinary(*this, expression.operators[0], left, right);
        }
    }
    return {};
}

Value Interpreter::evaluateName(int symbol) {
    for (const Scope* scope = m_scope; scope != nullptr; scope = scope->parent) {
        meter().spend(static_cast<std::int64_t>(scope->variables.size() / 16));
        for (const auto& [existing, value] : scope->variables) {
            if (existing == symbol) return value;
        }
    }
    const std::string& name = m_template.symbolNames[static_cast<std::size_t>(symbol)];
    Value global = findGlobal(*this, name);
    if (!global.is(Kind::Undefined)) return global;
    return makeUndefined("'" + name.substr(0, 200) + "' is undefined");
}

Value Interpreter::evaluateItems(const Expression& expression) {
    Values items;
    items.reserve(expression.children.size());
    for (const Expression* child : expression.children) items.push_back(evaluate(*child));
    const bool isTuple = expression.kind == ExpressionKind::Tuple;
    return makeSequence(isTuple ? SequenceKind::Tuple : SequenceKind::List, std::move(items));
}

Value Interpreter::evaluateDict(const Expression& expression) {
    auto dict = startDict();
    for (std::size_t index = 0; index < expression.children.size(); index += 2) {
        Value key = evaluate(*expression.children[index]);
        if (!isHashable(key)) raise("unhashable type: '" + typeName(key) + "'");
        dict->set(std::move(key), evaluate(*expression.children[index + 1]), meter());
    }
    return finishDict(std::move(dict));
}

Value Interpreter::evaluateSlice(const Expression& expression) {
    const Value object = evaluate(*expression.children[0]);
    std::array<Value, 3> bounds{Value::none(), Value::none(), Value::none()};
    for (std::size_t index = 0; index < bounds.size(); ++index) {
        const Expression* bound = expression.children[index + 1];
        if (bound != nullptr) bounds[index] = evaluate(*bound);
    }
    m_line = expression.line;
    return getSlice(*this, object, bounds);
}

Value Interpreter::evaluateCall(const Expression& expression) {
    const Value callee = evaluate(*expression.children[0]);
    Arguments arguments = evaluateArguments(expression);
    m_line = expression.line;
    return call(callee, std::move(arguments));
}

Arguments Interpreter::evaluateArguments(const Expression& expression) {
    Arguments arguments;
    arguments.positional.reserve(expression.positional.size());
    for (const Expression* argument : expression.positional) {
        arguments.positional.push_back(evaluate(*argument));
    }
    for (const auto& [name, argument] : expression.named) {
        arguments.named.emplace_back(OriginText(name), evaluate(*argument));
    }
    if (expression.morePositional != nullptr) {
        for (Value& item : iterate(*this, evaluate(*expression.morePositional))) {
            arguments.positional.push_back(std::move(item));
        }
    }
    if (expression.moreNamed != nullptr) {
        const Value more = evaluate(*expression.moreNamed);
        if (!more.is(Kind::Dict)) raise("argument after ** must be a mapping");
        for (const auto& [key, value] : more.as<DictObject>().entries) {
            arguments.named.emplace_back(toText(*this, key), value);
        }
    }
    // Names are looked for one by one, and map copies its arguments at each level.
    if (arguments.positional.size() + arguments.named.size() > kMaxArguments) {
        raise("a call has more than 1000 arguments");
    }
    return arguments;
}

Value Interpreter::evaluateFilter(const Expression& expression) {
    const Expression* input = expression.children[0];
    const Value value = input != nullptr ? evaluate(*input) : m_filterInput;
    Arguments arguments = evaluateArguments(expression);
    m_line = expression.line;
    const auto* filter = static_cast<const FilterEntry*>(expression.builtin);
    if (filter == nullptr) {
        raise("No filter named '" + expression.name.substr(0, 60) + "' found.");
    }
    return filter->function(*this, value, arguments);
}

Value Interpreter::evaluateTest(const Expression& expression) {
    const Value value = evaluate(*expression.children[0]);
    Arguments arguments = evaluateArguments(expression);
    m_line = expression.line;
    const auto* test = static_cast<const TestEntry*>(expression.builtin);
    if (test == nullptr) raise("No test named '" + expression.name.substr(0, 60) + "' found.");
    return Value::of(test->function(*this, value, arguments));
}

Value Interpreter::evaluateComparison(const Expression& expression) {
    Value left = evaluate(*expression.children[0]);
    for (std::size_t index = 0; index < expression.operators.size(); ++index) {
        Value right = evaluate(*expression.children[index + 1]);
        m_line = expression.line;
        if (!compare(*this, expression.operators[index], left, right)) return Value::of(false);
        left = std::move(right);
    }
    return Value::of(true);
}

Value Interpreter::evaluateConcat(const Expression& expression) {
    OriginText text;
    for (const Expression* child : expression.children) {
        text.append(toText(*this, evaluate(*child)));
        checkTextSize(text.size());
    }
    return makeString(std::move(text));
}

Value Interpreter::evaluateConditional(const Expression& expression) {
    if (isTrue(evaluate(*expression.children[0]))) return evaluate(*expression.children[1]);
    if (expression.children[2] != nullptr) return evaluate(*expression.children[2]);
    return makeUndefined("the inline if-expression on line " + std::to_string(expression.line) +
                         " evaluated to false and no else section was defined.");
}

}  // namespace sotto::jinja
