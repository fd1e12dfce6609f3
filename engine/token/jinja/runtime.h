// What every builtin needs of a rendering: making values that are counted, calling back, the clock.
//
// Owned by one rendering, one thread. Interpreter is its only implementation; it is an interface of
// its own so that filters and methods need not know the interpreter.
#pragma once

#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/token/jinja/ast.h"
#include "engine/token/jinja/value.h"

namespace sotto::jinja {

class Runtime {
public:
    explicit Runtime(std::int64_t nowUtc) : m_nowUtc(nowUtc) {}
    virtual ~Runtime() = default;
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    virtual Value call(const Value& callee, Arguments arguments) = 0;

    Meter& meter() { return m_meter; }
    std::int64_t nowUtc() const { return m_nowUtc; }

    Value makeString(OriginText text, bool isMarkup = false);
    Value makeInteger(const BigInteger& number);  // raises above kMaxIntegerBits
    Value makeUndefined(std::string why);
    Value makeSequence(SequenceKind type, Values items);
    Value makeList(Values items) { return makeSequence(SequenceKind::List, std::move(items)); }
    Value makeTuple(Values items) { return makeSequence(SequenceKind::Tuple, std::move(items)); }
    Value makePair(Value first, Value second);
    Value makeRange(std::int64_t start, std::int64_t stop, std::int64_t step);
    Value makeMethod(std::string name, Value self, Function function);
    Value makeCycler(Kind kind, Value items);  // Cycler or Joiner
    Value makeNamespace(std::vector<std::pair<OriginText, Value>> attributes);
    // A dict to be filled with set(…, meter()) and then handed to finishDict.
    static std::shared_ptr<DictObject> startDict() { return std::make_shared<DictObject>(); }
    Value finishDict(std::shared_ptr<DictObject> dict);

    // Counts a level of evaluation for as long as it lives; raises above kMaxEvaluationDepth.
    class Level {
    public:
        explicit Level(Runtime& runtime);
        ~Level() { --m_runtime.m_depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

    private:
        Runtime& m_runtime;
    };

protected:
    // Breaks the cycles that only namespaces can form; at the end of a rendering.
    void clearNamespaces();

private:
    Meter m_meter;
    std::int64_t m_nowUtc;
    int m_depth = 0;
    std::vector<std::shared_ptr<NamespaceObject>> m_namespaces;
};

// Arguments matched to parameter names, as Python does; raises TypeErrors like Python's.
class BoundArguments {
public:
    BoundArguments(std::string_view function, Arguments& arguments,
                   std::initializer_list<std::string_view> names, std::size_t nRequired);
    bool has(std::size_t index) const { return m_values[index] != nullptr; }
    bool hasValue(std::size_t index) const { return has(index) && !get(index).is(Kind::None); }
    const Value& get(std::size_t index) const { return *m_values[index]; }
    Value valueOr(std::size_t index, Value fallback) const;
    std::int64_t integerOr(std::size_t index, std::int64_t fallback) const;
    bool flagOr(std::size_t index, bool fallback) const;
    std::string_view text(std::size_t index) const;         // raises when not a string
    const OriginText& originText(std::size_t index) const;  // as text()

private:
    std::string m_function;
    std::array<const Value*, 8> m_values{};
};

// builtins: filters (filters_*.cpp), tests (tests.cpp), global functions (globals.cpp)
struct FilterEntry {
    std::string_view name;
    Function function;  // `self` is the value that is filtered
};
struct TestEntry {
    std::string_view name;
    bool (*function)(Runtime&, const Value& value, Arguments& arguments);
};
const TestEntry& requireTest(const Value& name);
const FilterEntry& requireFilter(const Value& name);
Value findGlobal(Runtime& runtime, std::string_view name);  // Undefined: no such function

// attributes.cpp
[[noreturn]] void raiseUndefined(const Value& value);
Value getAttribute(Runtime& runtime, const Value& object, const Value& name);
Value getItem(Runtime& runtime, const Value& object, const Value& key);
// "a.0.b" from the inside out, as filters take attributes; none gives the item itself.
Value getPath(Runtime& runtime, const Value& object, const Value& path);
Value getSlice(Runtime& runtime, const Value& object, const std::array<Value, 3>& bounds);
// The items in order; a generator is used up by it. Raises for what cannot be iterated.
Values iterate(Runtime& runtime, const Value& value);
bool isIterable(const Value& value);
std::int64_t lengthOf(const Value& value);          // len(); raises
std::string describeForError(const Value& object);  // "'dict object'"

// methods_number.cpp: an Undefined without object when there is none of that name
Value findNumberMember(Runtime& runtime, const Value& number, std::string_view name);
// methods_string.cpp, methods_collection.cpp: nullptr when there is none of that name
Function findStringMethod(std::string_view name);
Function findSequenceMethod(SequenceKind type, std::string_view name);
Function findDictMethod(std::string_view name);
bool isChangingMethod(const Value& object, std::string_view name);  // append and the like
Value findLoopAttribute(Runtime& runtime, const Value& loop, std::string_view name);
// Of a cycler or joiner.
Value findCyclerAttribute(Runtime& runtime, const Value& cycler, std::string_view name);
Value callJoiner(Runtime& runtime, const Value& joiner, Arguments& arguments);

// operators.cpp
Value applyBinary(Runtime& runtime, Operator op, const Value& left, const Value& right);
Value negate(Runtime& runtime, const Value& value);
Value plus(const Value& value);
bool compare(Runtime& runtime, Operator op, const Value& left, const Value& right);
bool isLess(Runtime& runtime, const Value& left, const Value& right);
bool contains(Runtime& runtime, const Value& container, const Value& item);

// python_repr.cpp
OriginText toText(Runtime& runtime, const Value& value);  // str()
OriginText toRepr(Runtime& runtime, const Value& value);  // repr()
void appendFloat(std::string& text, double number);       // repr(float)
std::string unicodeEscape(char32_t character);            // \xe9, \u20ac, \U0001f600
OriginText escapeHtml(const OriginText& text);            // as markupsafe

// json_text.cpp
struct JsonStyle {
    bool isAscii = false;
    bool isSortingKeys = false;
    bool hasIndent = false;
    OriginText indent;
    OriginText itemSeparator = OriginText(", ");
    OriginText keySeparator = OriginText(": ");
};
OriginText toJson(Runtime& runtime, const Value& value, const JsonStyle& style);

// python_format.cpp
// `format` is a String; a safe one escapes what is put into it.
OriginText formatPercent(Runtime& runtime, const Value& format, const Value& arguments);
OriginText formatBraces(Runtime& runtime, const Value& format, Arguments& arguments);
// date_format.cpp: UTC
std::string formatDate(std::string_view format, std::int64_t secondsSinceEpoch);

}  // namespace sotto::jinja
