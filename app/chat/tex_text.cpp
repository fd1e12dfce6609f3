#include "app/chat/tex_text.h"

#include <QHash>
#include <algorithm>

namespace sotto::app {
namespace {

constexpr int kMaxDepth = 32;  // of nested braces; deeper input stays as it is

const char* const kSymbols[][2] = {
    {"alpha", "α"},      {"beta", "β"},       {"gamma", "γ"},      {"delta", "δ"},
    {"epsilon", "ε"},    {"varepsilon", "ε"}, {"zeta", "ζ"},       {"eta", "η"},
    {"theta", "θ"},      {"iota", "ι"},       {"kappa", "κ"},      {"lambda", "λ"},
    {"mu", "μ"},         {"nu", "ν"},         {"xi", "ξ"},         {"pi", "π"},
    {"rho", "ρ"},        {"sigma", "σ"},      {"tau", "τ"},        {"upsilon", "υ"},
    {"phi", "φ"},        {"varphi", "φ"},     {"chi", "χ"},        {"psi", "ψ"},
    {"omega", "ω"},      {"Gamma", "Γ"},      {"Delta", "Δ"},      {"Theta", "Θ"},
    {"Lambda", "Λ"},     {"Xi", "Ξ"},         {"Pi", "Π"},         {"Sigma", "Σ"},
    {"Phi", "Φ"},        {"Psi", "Ψ"},        {"Omega", "Ω"},      {"times", "×"},
    {"cdot", "·"},       {"div", "÷"},        {"pm", "±"},         {"mp", "∓"},
    {"le", "≤"},         {"leq", "≤"},        {"ge", "≥"},         {"geq", "≥"},
    {"ne", "≠"},         {"neq", "≠"},        {"approx", "≈"},     {"equiv", "≡"},
    {"sim", "∼"},        {"propto", "∝"},     {"infty", "∞"},      {"partial", "∂"},
    {"nabla", "∇"},      {"sum", "∑"},        {"prod", "∏"},       {"int", "∫"},
    {"oint", "∮"},       {"forall", "∀"},     {"exists", "∃"},     {"in", "∈"},
    {"notin", "∉"},      {"subset", "⊂"},     {"subseteq", "⊆"},   {"supset", "⊃"},
    {"cup", "∪"},        {"cap", "∩"},        {"emptyset", "∅"},   {"to", "→"},
    {"rightarrow", "→"}, {"leftarrow", "←"},  {"Rightarrow", "⇒"}, {"Leftarrow", "⇐"},
    {"iff", "⇔"},        {"implies", "⇒"},    {"mapsto", "↦"},     {"ldots", "…"},
    {"cdots", "⋯"},      {"dots", "…"},       {"land", "∧"},       {"lor", "∨"},
    {"neg", "¬"},        {"angle", "∠"},      {"circ", "∘"},       {"degree", "°"},
    {"ell", "ℓ"},        {"hbar", "ℏ"},       {"Re", "ℜ"},         {"Im", "ℑ"},
    {"langle", "⟨"},     {"rangle", "⟩"},     {"lfloor", "⌊"},     {"rfloor", "⌋"},
    {"lceil", "⌈"},      {"rceil", "⌉"},      {"quad", "  "},      {"qquad", "    "},
    {"perp", "⊥"},       {"parallel", "∥"},   {"mid", "∣"},        {"star", "⋆"},
    {"{", "{"},          {"}", "}"},          {"%", "%"},          {"$", "$"},
    {"&", "&"},          {"#", "#"},          {"_", "_"},          {",", " "},
    {";", " "},          {":", " "},          {"!", ""},           {" ", " "},
    {"\\", "\n"},        {"left", ""},        {"right", ""},       {"displaystyle", ""},
    {"limits", ""},      {"big", ""},         {"Big", ""}};

// Commands whose one argument is shown as it is.
const char* const kTransparent[] = {"text",    "mathrm",   "mathbf",       "mathit", "mathbb",
                                    "mathcal", "mathsf",   "operatorname", "textbf", "textit",
                                    "boxed",   "overline", "vec",          "hat",    "bar"};

constexpr char16_t kSuperscripts[] = u"⁰¹²³⁴⁵⁶⁷⁸⁹";
constexpr char16_t kSubscripts[] = u"₀₁₂₃₄₅₆₇₈₉";

// Digits and signs as raised or lowered characters; an empty string when one of them has no such
// form.
QString script(const QString& text, bool isRaised) {
    QString result;
    for (const QChar character : text) {
        const int digit = character.digitValue();
        if (digit >= 0 && character < QLatin1Char(':'))
            result += QChar(isRaised ? kSuperscripts[digit] : kSubscripts[digit]);
        else if (character == QLatin1Char('+'))
            result += isRaised ? QChar(u'⁺') : QChar(u'₊');
        else if (character == QLatin1Char('-'))
            result += isRaised ? QChar(u'⁻') : QChar(u'₋');
        else if (character == QLatin1Char('n') && isRaised)
            result += QChar(u'ⁿ');
        else if (character == QLatin1Char('i'))
            result += isRaised ? QChar(u'ⁱ') : QChar(u'ᵢ');
        else
            return {};
    }
    return result;
}

class TexReader {
public:
    explicit TexReader(const QString& tex) : m_tex(tex) {
        for (const auto& symbol : kSymbols)
            m_symbols.insert(QString::fromUtf8(symbol[0]), QString::fromUtf8(symbol[1]));
    }

    QString run() { return sequence(0, QChar()); }

private:
    // Up to `end` (consumed) or the end of the text.
    QString sequence(int depth, QChar end) {
        QString result;
        while (m_at < m_tex.size()) {
            const QChar character = m_tex[m_at];
            if (!end.isNull() && character == end) {
                ++m_at;
                return result;
            }
            if (character == QLatin1Char('^') || character == QLatin1Char('_'))
                result += scripted(depth);
            else
                result += element(depth);
        }
        return result;
    }

    // One character, command or braced group.
    QString element(int depth) {
        if (m_at >= m_tex.size()) return {};
        const QChar character = m_tex[m_at++];
        if (depth >= kMaxDepth) return character;
        if (character == QLatin1Char('\\')) return command(depth + 1);
        if (character == QLatin1Char('{')) return sequence(depth + 1, QLatin1Char('}'));
        if (character == QLatin1Char('&')) return QStringLiteral(" ");
        return character;
    }

    QString scripted(int depth) {
        const QChar mark = m_tex[m_at++];
        const QString content = element(depth);
        const QString shifted = script(content, mark == QLatin1Char('^'));
        if (!shifted.isEmpty()) return shifted;
        return content.size() > 1 ? mark + QStringLiteral("(%1)").arg(content) : mark + content;
    }

    // A blank or an operator inside means that the part needs brackets beside "/" or "√".
    static QString grouped(const QString& text) {
        static const QString kSeparators = QStringLiteral(" +-/=");
        const bool isCompound = std::any_of(text.begin(), text.end(), [](QChar character) {
            return kSeparators.contains(character);
        });
        return isCompound ? QStringLiteral("(%1)").arg(text) : text;
    }

    QString command(int depth) {
        if (m_at >= m_tex.size()) return QStringLiteral("\\");
        qsizetype end = m_at;
        while (end < m_tex.size() && m_tex[end].isLetter() && m_tex[end].unicode() < 128) ++end;
        if (end == m_at) ++end;
        const QString name = m_tex.mid(m_at, end - m_at);
        m_at = end;
        if (name == QLatin1String("frac") || name == QLatin1String("dfrac") ||
            name == QLatin1String("tfrac")) {
            const QString numerator = element(depth);
            return grouped(numerator) + QLatin1Char('/') + grouped(element(depth));
        }
        if (name == QLatin1String("sqrt")) return QStringLiteral("√") + grouped(element(depth));
        if (name == QLatin1String("begin") || name == QLatin1String("end")) {
            element(depth);
            return {};
        }
        for (const char* transparent : kTransparent)
            if (name == QLatin1String(transparent)) return element(depth);
        return m_symbols.value(name, name);
    }

    const QString& m_tex;
    QHash<QString, QString> m_symbols;
    qsizetype m_at = 0;
};

}  // namespace

QString texToText(const QString& tex) { return TexReader(tex).run().trimmed(); }

}  // namespace sotto::app
