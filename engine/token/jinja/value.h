// Values of the template language: Python's, as far as templates can see them.
//
// Strings, sequences and dicts never change once made (the sandbox that templates are written for
// forbids it), so values share their objects freely. What a template builds is counted by a Meter;
// constants of the compiled template belong to no meter and are shared between threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/token/jinja/big_integer.h"
#include "engine/token/jinja/origin_text.h"

namespace sotto::jinja {

// Thrown within the interpreter only, never across the library's border: chat_template.cpp turns it
// into an Error. (An exception, because a Result at each of a hundred evaluation functions would
// bury the semantics.)
struct TemplateFault {
    std::string message;
    int line = 0;  // 0: not known here, the interpreter adds it
    int column = 0;
    bool isRaisedByTemplate = false;  // raise_exception: the text is shown as it is
};
[[noreturn]] void raise(std::string message);
// Of a text that is being made; raises above kMaxStringBytes.
void checkTextSize(std::size_t bytes);

// Work done and bytes alive of one rendering. Must outlive the values it counts.
class Meter {
public:
    void add(std::size_t bytes);  // raises above kMaxLiveBytes
    void remove(std::size_t bytes) { m_bytes -= bytes; }
    void spend(std::int64_t steps);  // raises above kMaxSteps
    void spendBytes(std::size_t bytes) { spend(1 + static_cast<std::int64_t>(bytes / 64)); }

private:
    std::size_t m_bytes = 0;
    std::int64_t m_steps = 0;
};

enum class Kind : std::uint8_t {
    Undefined,
    None,
    Bool,
    Int,
    BigInt,  // an int too, which does not fit into 64 bits
    Float,
    String,
    Sequence,
    Dict,
    Namespace,
    Callable,
    Loop,
    Cycler,
    Joiner
};

struct Object {
    Object() = default;
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    virtual ~Object();
    void count(Meter* owner, std::size_t size);

private:
    Meter* m_meter = nullptr;
    std::size_t m_bytes = 0;
};

class Value {
public:
    Value() = default;  // an Undefined without a message
    static Value none();
    static Value of(bool flag);
    static Value of(std::int64_t number);
    static Value of(double number);
    // The same number, flag or None, whose written form is of this origin.
    Value from(Origin origin) const;
    static Value of(const char*) = delete;
    Value(Kind kind, std::shared_ptr<Object> object) : m_kind(kind), m_object(std::move(object)) {}

    Kind kind() const { return m_kind; }
    bool is(Kind kind) const { return m_kind == kind; }
    bool boolean() const { return m_int != 0; }
    std::int64_t integer() const { return m_int; }  // of Int and Bool
    double real() const { return m_float; }
    bool isWhole() const {
        return m_kind == Kind::Bool || m_kind == Kind::Int || m_kind == Kind::BigInt;
    }
    bool isNumber() const { return isWhole() || m_kind == Kind::Float; }
    // Of a number; raises for an int that no double comes near.
    double toDouble() const;
    BigInteger toBigInteger() const;  // of a whole number

    // The object behind this value; the caller has checked the kind.
    template <typename T>
    T& as() const {
        return static_cast<T&>(*m_object);
    }
    const Object* identity() const { return m_object.get(); }
    std::string_view text() const;         // of a String
    const OriginText& originText() const;  // of a String
    bool isMarkup() const;                 // a String marked safe
    // Of what is written for a number, flag or None; of a String any of its bytes.
    Origin origin() const;

private:
    Kind m_kind = Kind::Undefined;
    Origin m_origin = Origin::Template;  // where there is no object
    union {
        std::int64_t m_int = 0;
        double m_float;
    };
    std::shared_ptr<Object> m_object;
};

using Values = std::vector<Value>;

struct StringObject : Object {
    OriginText text;               // UTF-8; of an Undefined: why it is undefined
    std::int64_t nCodePoints = 0;  // Python's length
    bool isMarkup = false;
    bool isAscii() const { return nCodePoints == static_cast<std::int64_t>(text.size()); }
};

struct BigIntObject : Object {
    BigInteger number;
};

// Everything that iterates in order. Only List and Tuple, Range have items by index; a Generator
// gives its items once.
enum class SequenceKind : std::uint8_t {
    List,
    Tuple,
    Range,
    Generator,
    DictKeys,
    DictValues,
    DictItems
};

struct SequenceObject : Object {
    SequenceKind type = SequenceKind::List;
    Values items;
    int depth = 1;                               // 1 + the deepest item
    bool isHashable = false;                     // all items are, and it is no list
    bool isGroup = false;                        // groupby's pair of `grouper` and `list`
    std::size_t cursor = 0;                      // Generator: items already taken
    std::int64_t start = 0, stop = 0, step = 1;  // Range
};

// Insertion-ordered, as Python's.
struct DictObject : Object {
    std::vector<std::pair<Value, Value>> entries;
    std::unordered_map<std::string_view, std::size_t> index;  // string keys → entry
    int depth = 1;

    const Value* find(const Value& key, Meter& meter) const;  // nullptr: absent
    const Value* find(std::string_view key, Meter& meter) const;
    void set(Value key, Value value, Meter& meter);  // only while building
};

// What cycler() and joiner() give: they count on with each call.
struct CyclerObject : Object {
    Value items;               // a tuple; of a joiner: what separates
    std::size_t position = 0;  // of a joiner: 1 from its second call on
};

struct NamespaceObject : Object {
    std::vector<std::pair<OriginText, Value>> attributes;
};

// The `loop` of a running for loop.
struct LoopObject : Object {
    Values items;
    std::int64_t index0 = 0;
    int depth0 = 0;                      // of loops within loops
    int depth = 1;                       // 1 + the deepest item: of values, as SequenceObject's
    const void* recursiveFor = nullptr;  // the For statement, when marked recursive
    void* scope = nullptr;               // where a recursive loop runs
    bool isFinished = false;
    bool hasChangedValue = false;
    Values changedValue;
};

class Runtime;
struct Arguments {
    Values positional;
    std::vector<std::pair<OriginText, Value>> named;
};
using Function = Value (*)(Runtime&, const Value& self, Arguments& arguments);

struct CallableObject : Object {
    std::string name;
    Function function = nullptr;  // builtin or bound method
    Value self;                   // of a bound method
    const void* macro = nullptr;  // MacroStatement, else nullptr
    void* scope = nullptr;        // where the macro was defined
    bool isCaller = false;        // the body of a call block
};

// Both in constant time: values that share their parts are exponentially large when walked.
int depthOf(const Value& value);
bool isHashable(const Value& value);
bool isTrue(const Value& value);
// Python's ==. Counts its work: values that share their parts (x = [x, x]) are exponentially large.
bool areEqual(const Value& left, const Value& right, Meter& meter);
// "str", "NoneType": Python's name of the value's type.
std::string typeName(const Value& value);
// -1, 0, 1 as memcmp for two numbers, exact for whole ones and floats too; 2: one is no number
// (NaN).
int compareNumbers(const Value& left, const Value& right);
// Constants outside any rendering.
Value constantString(std::string text);
Value constantInteger(const BigInteger& number);

}  // namespace sotto::jinja
