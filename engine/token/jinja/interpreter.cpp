#include "engine/token/jinja/interpreter.h"

#include <algorithm>
#include <utility>

namespace sotto::jinja {

// A scope for as long as it lives, below the current one or below `parent`.
class Interpreter::ScopeFrame {
public:
    ScopeFrame(Interpreter& interpreter, Scope* parent)
        : m_interpreter(interpreter), m_previous(interpreter.m_scope) {
        if (interpreter.m_freeScopes.empty()) {
            interpreter.m_scope = &interpreter.m_scopes.emplace_back();
        } else {
            interpreter.m_scope = interpreter.m_freeScopes.back();
            interpreter.m_freeScopes.pop_back();
        }
        interpreter.m_scope->parent = parent;
    }
    explicit ScopeFrame(Interpreter& interpreter) : ScopeFrame(interpreter, interpreter.m_scope) {}
    ~ScopeFrame() {
        Scope* scope = std::exchange(m_interpreter.m_scope, m_previous);
        if (scope->isCaptured) return;  // stays until the rendering ends
        scope->variables.clear();
        m_interpreter.m_freeScopes.push_back(scope);
    }
    ScopeFrame(const ScopeFrame&) = delete;
    ScopeFrame& operator=(const ScopeFrame&) = delete;

private:
    Interpreter& m_interpreter;
    Scope* m_previous;
};

// Collects output for as long as it lives.
class Interpreter::Capture {
public:
    explicit Capture(Interpreter& interpreter)
        : m_interpreter(interpreter),
          m_previous(std::exchange(interpreter.m_output, &m_text)),
          m_bytesBefore(interpreter.m_bufferedBytes) {}
    ~Capture() {
        m_interpreter.m_output = m_previous;
        m_interpreter.m_bufferedBytes = m_bytesBefore;
    }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    OriginText take() { return std::move(m_text); }

private:
    Interpreter& m_interpreter;
    OriginText m_text;
    OriginText* m_previous;
    std::size_t m_bytesBefore;
};

Interpreter::Interpreter(const Template& source, std::int64_t nowUtc)
    : Runtime(nowUtc), m_template(source) {
    m_scope = &m_scopes.emplace_back();
}

Interpreter::~Interpreter() {
    clearNamespaces();
    for (Scope& scope : m_scopes) scope.variables.clear();
}

void Interpreter::setVariable(const std::string& name, Value value) {
    const auto found = m_template.symbols.find(name);
    if (found != m_template.symbols.end()) setLocal(found->second, std::move(value));
}

OriginText Interpreter::run() {
    try {
        Capture output(*this);
        const ScopeFrame frame(*this);
        execute(m_template.body);
        return output.take();
    } catch (TemplateFault& fault) {
        if (fault.line == 0) fault.line = m_line;
        throw;
    }
}

void Interpreter::countOutput(std::size_t bytes) {
    meter().spendBytes(bytes);
    m_bufferedBytes += bytes;
    checkTextSize(m_bufferedBytes);
}

void Interpreter::emit(const OriginText& text) {
    countOutput(text.size());
    m_output->append(text);
}

void Interpreter::emit(std::string_view text) {
    countOutput(text.size());
    m_output->append(text);
}

Interpreter::Flow Interpreter::execute(const Body& body) {
    const Level level(*this);
    for (const Statement* statement : body) {
        const Flow flow = execute(*statement);
        if (flow != Flow::Normal) return flow;
    }
    return Flow::Normal;
}

Interpreter::Flow Interpreter::execute(const Statement& statement) {
    meter().spend(1);
    m_line = statement.line;
    switch (statement.kind) {
        case StatementKind::Text: emit(statement.text); break;
        case StatementKind::Output: {
            const Value value = evaluate(*statement.expression);
            if (value.is(Kind::String)) {
                emit(value.originText());
            } else {
                emit(toText(*this, value));
            }
            break;
        }
        case StatementKind::If: return executeIf(statement);
        case StatementKind::For: return executeFor(statement);
        case StatementKind::Group: return execute(statement.body);
        case StatementKind::Set: assign(statement.target, evaluate(*statement.expression)); break;
        case StatementKind::SetBlock:
        case StatementKind::FilterBlock: {
            Value text = makeString(capture(statement.body));
            if (statement.expression != nullptr) {
                std::swap(m_filterInput, text);
                Value filtered = evaluate(*statement.expression);
                std::swap(m_filterInput, text);
                text = std::move(filtered);
            }
            if (statement.kind == StatementKind::SetBlock) {
                assign(statement.target, text);
            } else {
                emit(toText(*this, text));
            }
            break;
        }
        case StatementKind::Macro: {
            Value macro = makeMacro(statement, false);
            setLocal(statement.target.symbol, std::move(macro));
            break;
        }
        case StatementKind::CallBlock: executeCallBlock(statement); break;
        case StatementKind::With: executeWith(statement); break;
        case StatementKind::Break: return Flow::Break;
        case StatementKind::Continue: return Flow::Continue;
    }
    return Flow::Normal;
}

Interpreter::Flow Interpreter::executeIf(const Statement& statement) {
    for (const auto& [condition, body] : statement.branches) {
        if (isTrue(evaluate(*condition))) return execute(body);
    }
    return execute(statement.otherwise);
}

Interpreter::Flow Interpreter::executeFor(const Statement& statement) {
    return runLoop(statement, iterate(*this, evaluate(*statement.expression)), 0);
}

Values Interpreter::filterItems(const Statement& statement, const Values& items) {
    Values kept;
    for (const Value& item : items) {
        const ScopeFrame frame(*this);
        assign(statement.target, item);
        if (isTrue(evaluate(*statement.condition))) kept.push_back(item);
    }
    return kept;
}

Interpreter::Flow Interpreter::runLoop(const Statement& statement, Values items, int depth0) {
    const Level level(*this);
    if (statement.condition != nullptr) items = filterItems(statement, items);
    if (items.empty()) {
        const ScopeFrame frame(*this);
        return execute(statement.otherwise);
    }
    const int loopSymbol = m_template.symbols.at("loop");
    auto loop = std::make_shared<LoopObject>();
    loop->count(&meter(), sizeof(LoopObject) + items.size() * sizeof(Value));
    for (const Value& item : items) loop->depth = std::max(loop->depth, 1 + depthOf(item));
    loop->items = std::move(items);
    loop->depth0 = depth0;
    if (statement.isRecursive) {
        captureScope(m_scope);
        loop->recursiveFor = &statement;
        loop->scope = m_scope;
    }
    struct Finish {
        LoopObject& loop;
        ~Finish() {
            loop.isFinished = true;
            loop.changedValue.clear();
        }
    } const finish{*loop};
    const auto nItems = static_cast<std::int64_t>(loop->items.size());
    for (std::int64_t index = 0; index < nItems; ++index) {
        const ScopeFrame frame(*this);
        loop->index0 = index;
        assign(statement.target, loop->items[static_cast<std::size_t>(index)]);
        setLocal(loopSymbol, Value(Kind::Loop, loop));
        if (execute(statement.body) == Flow::Break) break;
    }
    return Flow::Normal;
}

void Interpreter::executeWith(const Statement& statement) {
    Values values;  // evaluated outside of the new scope
    for (const auto& variable : statement.variables) values.push_back(evaluate(*variable.second));
    const ScopeFrame frame(*this);
    for (std::size_t index = 0; index < values.size(); ++index) {
        assign(statement.variables[index].first, values[index]);
    }
    execute(statement.body);
}

void Interpreter::executeCallBlock(const Statement& statement) {
    const Value callee = evaluate(*statement.expression->children[0]);
    Arguments arguments = evaluateArguments(*statement.expression);
    arguments.named.emplace_back(OriginText("caller"), makeMacro(statement, true));
    emit(toText(*this, call(callee, std::move(arguments))));
}

OriginText Interpreter::capture(const Body& body) {
    Capture output(*this);
    const ScopeFrame frame(*this);
    execute(body);
    return output.take();
}

void Interpreter::captureScope(Scope* scope) {
    for (; scope != nullptr && !scope->isCaptured; scope = scope->parent) {
        scope->isCaptured = true;
        meter().add(sizeof(Scope) + 4 * sizeof(Value));
    }
}

Value Interpreter::makeMacro(const Statement& statement, bool isCaller) {
    captureScope(m_scope);
    auto object = std::make_shared<CallableObject>();
    object->count(&meter(), sizeof(CallableObject));
    object->name = statement.text;
    object->macro = &statement;
    object->scope = m_scope;
    object->isCaller = isCaller;
    return {Kind::Callable, std::move(object)};
}

Value Interpreter::call(const Value& callee, Arguments arguments) {
    if (callee.is(Kind::Undefined)) raiseUndefined(callee);
    if (callee.is(Kind::Loop)) return callLoop(callee, arguments);
    if (callee.is(Kind::Joiner)) return callJoiner(*this, callee, arguments);
    if (!callee.is(Kind::Callable)) raise("'" + typeName(callee) + "' object is not callable");
    const auto& callable = callee.as<CallableObject>();
    if (callable.macro != nullptr) return callMacro(callable, arguments);
    if (callable.self.is(Kind::String)) meter().spendBytes(callable.self.text().size());
    return callable.function(*this, callable.self, arguments);
}

Value Interpreter::callLoop(const Value& loop, Arguments& arguments) {
    const auto& object = loop.as<LoopObject>();
    if (object.recursiveFor == nullptr) {
        raise("The loop must have the 'recursive' marker to be called recursively.");
    }
    const BoundArguments bound("loop", arguments, {"iterable"}, 1);
    Capture output(*this);
    const ScopeFrame frame(*this, static_cast<Scope*>(object.scope));
    runLoop(*static_cast<const Statement*>(object.recursiveFor), iterate(*this, bound.get(0)),
            object.depth0 + 1);
    return makeString(output.take());
}

Value Interpreter::callMacro(const CallableObject& macro, Arguments& arguments) {
    const Level level(*this);
    const auto& statement = *static_cast<const Statement*>(macro.macro);
    Capture output(*this);
    const ScopeFrame frame(*this, static_cast<Scope*>(macro.scope));
    bindParameters(statement, arguments, macro.isCaller);
    execute(statement.body);
    return makeString(output.take());
}

void Interpreter::bindParameters(const Statement& macro, Arguments& arguments, bool isCaller) {
    const std::string shownName = "macro '" + macro.text + "'";
    auto& named = arguments.named;
    const auto takeNamed = [&named](std::string_view name, Value& value) {
        const auto found = std::find_if(named.begin(), named.end(),
                                        [name](const auto& entry) { return entry.first == name; });
        if (found == named.end()) return false;
        value = std::move(found->second);
        named.erase(found);
        return true;
    };
    bool isCallerParameter = false;
    for (std::size_t index = 0; index < macro.parameters.size(); ++index) {
        const Parameter& parameter = macro.parameters[index];
        isCallerParameter |= parameter.name == "caller";
        Value value;
        if (index < arguments.positional.size()) {
            value = arguments.positional[index];
        } else if (!takeNamed(parameter.name, value)) {
            value = parameter.fallback != nullptr
                        ? evaluate(*parameter.fallback)
                        : makeUndefined("parameter '" + parameter.name + "' was not provided");
        }
        setLocal(parameter.symbol, std::move(value));
    }
    if (macro.isUsingCaller && !isCallerParameter && !isCaller) {
        Value caller;
        if (!takeNamed("caller", caller)) caller = makeUndefined("No caller defined");
        setLocal(m_template.symbols.at("caller"), std::move(caller));
    }
    if (macro.isUsingKwargs) {
        auto dict = startDict();
        for (auto& [name, value] : named) dict->set(makeString(name), value, meter());
        setLocal(m_template.symbols.at("kwargs"), finishDict(std::move(dict)));
    } else if (!named.empty()) {
        raise(shownName + " takes no keyword argument '" + named.front().first.bytes() + "'");
    }
    const std::size_t nParameters = macro.parameters.size();
    if (macro.isUsingVarargs) {
        Values rest;
        for (std::size_t index = nParameters; index < arguments.positional.size(); ++index) {
            rest.push_back(arguments.positional[index]);
        }
        setLocal(m_template.symbols.at("varargs"), makeTuple(std::move(rest)));
    } else if (arguments.positional.size() > nParameters) {
        raise(shownName + " takes not more than " + std::to_string(nParameters) + " argument(s)");
    }
}

void Interpreter::setLocal(int symbol, Value value) {
    meter().spend(static_cast<std::int64_t>(m_scope->variables.size() / 16));
    for (auto& [existing, current] : m_scope->variables) {
        if (existing != symbol) continue;
        current = std::move(value);
        return;
    }
    m_scope->variables.emplace_back(symbol, std::move(value));
}

void Interpreter::assign(const Target& target, const Value& value) {
    if (target.isTuple) {
        if (!isIterable(value)) raise("cannot unpack non-iterable " + typeName(value) + " object");
        const Values items = iterate(*this, value);
        const std::size_t nParts = target.parts.size();
        if (items.size() < nParts) {
            raise("not enough values to unpack (expected " + std::to_string(nParts) + ", got " +
                  std::to_string(items.size()) + ")");
        }
        if (items.size() > nParts) {
            raise("too many values to unpack (expected " + std::to_string(nParts) + ")");
        }
        for (std::size_t index = 0; index < nParts; ++index) {
            assign(target.parts[index], items[index]);
        }
        return;
    }
    if (target.attribute.empty()) return setLocal(target.symbol, value);
    const Value owner = evaluateName(target.symbol);
    if (!owner.is(Kind::Namespace)) raise("cannot assign attribute on non-namespace object");
    auto& attributes = owner.as<NamespaceObject>().attributes;
    meter().spend(static_cast<std::int64_t>(attributes.size() / 16));
    const auto found = std::find_if(attributes.begin(), attributes.end(), [&](const auto& entry) {
        return entry.first == target.attribute;
    });
    if (found != attributes.end()) {
        found->second = value;
    } else {
        attributes.emplace_back(OriginText(target.attribute), value);
    }
}

}  // namespace sotto::jinja
