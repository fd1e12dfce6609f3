// Runs a compiled template once. Last step of ChatTemplate::render.
//
// Owned by one rendering, one thread; the template must outlive it. Walks the syntax tree with an
// explicit count of depth and steps (limits.h). Scopes follow Jinja: loops, macros, `with` and
// block captures have their own, `if` has not.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "engine/token/jinja/ast.h"
#include "engine/token/jinja/runtime.h"

namespace sotto::jinja {

struct Scope {
    Scope* parent = nullptr;
    std::vector<std::pair<int, Value>> variables;  // symbol and value
    bool isCaptured = false;                       // a macro or recursive loop points here
};

class Interpreter : public Runtime {
public:
    Interpreter(const Template& source, std::int64_t nowUtc);
    ~Interpreter() override;

    // A variable of the context. Names that the template does not mention are ignored.
    void setVariable(const std::string& name, Value value);
    OriginText run();  // raises TemplateFault with the line
    Value call(const Value& callee, Arguments arguments) override;

private:
    enum class Flow : std::uint8_t { Normal, Break, Continue };
    class ScopeFrame;
    class Capture;

    // interpreter_expression.cpp
    Value evaluate(const Expression& expression);
    Value evaluateName(int symbol);
    Value evaluateItems(const Expression& expression);
    Value evaluateDict(const Expression& expression);
    Value evaluateSlice(const Expression& expression);
    Value evaluateCall(const Expression& expression);
    Value evaluateFilter(const Expression& expression);
    Value evaluateTest(const Expression& expression);
    Value evaluateComparison(const Expression& expression);
    Value evaluateConcat(const Expression& expression);
    Value evaluateConditional(const Expression& expression);
    Arguments evaluateArguments(const Expression& expression);

    // interpreter.cpp
    Flow execute(const Body& body);
    Flow execute(const Statement& statement);
    Flow executeIf(const Statement& statement);
    Flow executeFor(const Statement& statement);
    Flow runLoop(const Statement& statement, Values items, int depth0);
    Values filterItems(const Statement& statement, const Values& items);
    void executeWith(const Statement& statement);
    void executeCallBlock(const Statement& statement);
    OriginText capture(const Body& body);
    Value makeMacro(const Statement& statement, bool isCaller);
    Value callMacro(const CallableObject& macro, Arguments& arguments);
    void bindParameters(const Statement& macro, Arguments& arguments, bool isCaller);
    Value callLoop(const Value& loop, Arguments& arguments);
    void assign(const Target& target, const Value& value);
    void setLocal(int symbol, Value value);
    void countOutput(std::size_t bytes);  // raises above kMaxStringBytes
    void emit(const OriginText& text);
    void emit(std::string_view text);  // the template's own
    void captureScope(Scope* scope);

    const Template& m_template;
    std::deque<Scope> m_scopes;  // all there ever were; stable addresses
    std::vector<Scope*> m_freeScopes;
    Scope* m_scope = nullptr;
    OriginText* m_output = nullptr;
    std::size_t m_bufferedBytes = 0;  // of all outputs being written
    Value m_filterInput;              // what a block's filters start from
    int m_line = 0;
};

}  // namespace sotto::jinja
