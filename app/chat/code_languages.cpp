#include "app/chat/code_languages.h"

#include <array>
#include <iterator>

namespace sotto::app {
namespace {

enum class Comments { CLike, Hash, Dashes, Markup, Percent, None };

struct LanguageRow {
    const char* names;     // separated by blanks
    const char* keywords;  // separated by blanks
    Comments comments;
    const char* longQuotes = "";  // separated by blanks
    const char* quotes = "\"'";
    bool isCaseInsensitive = false;
};

// Keywords as the languages' references list them; types that read like keywords are among them.
constexpr LanguageRow kLanguages[] = {
    {"python py python3",
     "and as assert async await break case class continue def del elif else except False finally "
     "for from global if import in is lambda match None nonlocal not or pass raise return True try "
     "while with yield",
     Comments::Hash, "\"\"\" '''"},
    {"c h cpp c++ cc cxx hpp cuda cu",
     "alignas alignof auto bool break case catch char class concept const constexpr consteval "
     "constinit const_cast continue co_await co_return co_yield decltype default delete do double "
     "dynamic_cast else enum explicit export extern false final float for friend goto if inline "
     "int "
     "long mutable namespace new noexcept nullptr operator override private protected public "
     "register reinterpret_cast requires return short signed sizeof static static_assert "
     "static_cast struct switch template this throw true try typedef typename union unsigned using "
     "virtual void volatile while #include #define #if #ifdef #ifndef #endif #else #pragma",
     Comments::CLike},
    {"javascript js jsx typescript ts tsx mjs",
     "abstract any as async await boolean break case catch class const continue debugger declare "
     "default delete do else enum export extends false finally for from function get if implements "
     "import in instanceof interface let new null number of private protected public readonly "
     "return set static string super switch this throw true try type typeof undefined var void "
     "while yield",
     Comments::CLike, "`"},
    {"java kotlin kt scala",
     "abstract as boolean break byte case catch char class const continue data default def do "
     "double "
     "else enum extends false final finally float for fun if implements import in instanceof int "
     "interface internal is lateinit long match native new null object open override package "
     "private "
     "protected public return sealed short static super suspend switch synchronized this throw "
     "throws "
     "trait true try val var void volatile when while with yield",
     Comments::CLike, "\"\"\""},
    {"csharp cs c#",
     "abstract as async await base bool break byte case catch char class const continue decimal "
     "default delegate do double else enum event false finally fixed float for foreach get if in "
     "int "
     "interface internal is lock long namespace new null object operator out override params "
     "private "
     "protected public readonly record ref return sealed set short static string struct switch "
     "this "
     "throw true try typeof uint ulong using var virtual void while yield",
     Comments::CLike},
    {"go golang",
     "break case chan const continue default defer else fallthrough false for func go goto if "
     "import "
     "interface iota map nil package range return select struct switch true type var bool byte "
     "error "
     "float32 float64 int int32 int64 rune string uint8 uint32 uint64",
     Comments::CLike, "`"},
    {"rust rs",
     "as async await break const continue crate dyn else enum extern false fn for if impl in let "
     "loop "
     "match mod move mut pub ref return Self self static struct super trait true type unsafe use "
     "where while bool char f32 f64 i32 i64 u8 u32 u64 usize str String",
     Comments::CLike, "", "\""},
    {"swift",
     "as associatedtype break case catch class continue default defer do else enum extension false "
     "fileprivate for func guard if import in init inout internal is let nil open operator "
     "override "
     "private protocol public return self static struct subscript super switch throw throws true "
     "try "
     "typealias var where while",
     Comments::CLike, "\"\"\""},
    {"php",
     "abstract and array as break case catch class const continue declare default do echo else "
     "elseif "
     "extends false final finally fn for foreach function global if implements interface match "
     "namespace new null or private protected public return static switch throw trait true try use "
     "var while yield",
     Comments::CLike},
    {"bash sh shell zsh console",
     "if then else elif fi for while until do done case esac in function select return exit export "
     "local readonly set unset source echo cd sudo alias eval exec trap",
     Comments::Hash},
    {"ruby rb",
     "alias and begin break case class def defined? do else elsif end ensure false for if in "
     "module "
     "next nil not or redo rescue retry return self super then true undef unless until when while "
     "yield require attr_accessor puts",
     Comments::Hash},
    {"sql sqlite mysql postgresql",
     "add all alter and as asc between by case check column constraint create default delete desc "
     "distinct drop else end exists foreign from group having if in index inner insert into is "
     "join "
     "key left like limit not null offset on or order outer primary references right select set "
     "table then transaction begin commit rollback trigger union unique update using values view "
     "when where with integer text real blob varchar",
     Comments::Dashes, "", "\"'", true},
    {"lua haskell hs",
     "and break do else elseif end false for function goto if in local nil not or repeat return "
     "then "
     "true until while case class data deriving import instance let module newtype of type where",
     Comments::Dashes},
    {"html xml svg qml-markup", "", Comments::Markup},
    {"qml",
     "import property signal function readonly required default alias int bool real string color "
     "var "
     "list id component enum true false null if else return for while let const",
     Comments::CLike},
    {"css scss less", "important media import keyframes supports font-face", Comments::CLike},
    {"json jsonc", "true false null", Comments::CLike, "", "\""},
    {"yaml yml toml ini conf cmake dockerfile makefile make",
     "true false null yes no on off if else endif foreach endforeach function endfunction set "
     "add_executable add_library FROM RUN COPY CMD ENTRYPOINT ENV WORKDIR ARG",
     Comments::Hash, "\"\"\""},
    {"r julia jl",
     "if else for while repeat function return next break TRUE FALSE NULL NA in library begin end "
     "using module struct mutable const true false nothing do let macro",
     Comments::Hash},
    {"latex tex matlab octave",
     "begin end documentclass usepackage section subsection item if else for while function return",
     Comments::Percent},
    {"diff patch text txt plain plaintext output log", "", Comments::None, "", ""},
};

QSet<QString> words(const char* text) {
    const QStringList list = QString::fromLatin1(text).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return {list.begin(), list.end()};
}

void applyComments(Comments comments, CodeLanguage& language) {
    switch (comments) {
        case Comments::CLike:
            language.lineComments = {QStringLiteral("//")};
            language.blockBegin = QStringLiteral("/*");
            language.blockEnd = QStringLiteral("*/");
            language.wordCharacters = QStringLiteral("#");
            break;
        case Comments::Hash: language.lineComments = {QStringLiteral("#")}; break;
        case Comments::Dashes: language.lineComments = {QStringLiteral("--")}; break;
        case Comments::Percent: language.lineComments = {QStringLiteral("%")}; break;
        case Comments::Markup:
            language.blockBegin = QStringLiteral("<!--");
            language.blockEnd = QStringLiteral("-->");
            break;
        case Comments::None: break;
    }
}

}  // namespace

CodeLanguage codeLanguage(const QString& name) {
    const QString wanted = name.trimmed().section(QLatin1Char(' '), 0, 0).toLower();
    CodeLanguage language;
    language.quotes = QStringLiteral("\"'");
    for (const LanguageRow& row : kLanguages) {
        if (wanted.isEmpty() || !words(row.names).contains(wanted)) continue;
        language.keywords = words(row.keywords);
        language.longQuotes =
            QString::fromLatin1(row.longQuotes).split(QLatin1Char(' '), Qt::SkipEmptyParts);
        language.quotes = QString::fromLatin1(row.quotes);
        language.isCaseInsensitive = row.isCaseInsensitive;
        applyComments(row.comments, language);
        break;
    }
    return language;
}

}  // namespace sotto::app
