#include "app/formula/katex_engine.h"

#include <QFile>
#include <QJSEngine>

namespace sotto::app {

namespace {

constexpr char kScript[] = ":/formula/katex.js";
constexpr char kSpeech[] = ":/formula/render-a11y-string.js";
constexpr char kExport[] = ":/formula/katex_export.js";
// Loading takes 75 ms; this much only where the machine is very busy.
constexpr std::chrono::seconds kLoadLimit{20};

QString readResource(const char* path) {
    QFile file{QLatin1String(path)};
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

// A CommonJS module, which needs three names and leaves none behind.
QJSValue loadModule(QJSEngine& engine, const char* path, const QJSValue& needed) {
    const QString source =
        QStringLiteral(
            "(function(needed){var module={exports:{}},require=function(){return needed};"
            "(function(module,exports,require){") +
        readResource(path) +
        QStringLiteral("\n})(module,module.exports,require);return module.exports})");
    return engine.evaluate(source, QLatin1String(path)).call({needed});
}

}  // namespace

bool KatexEngine::isBuiltIn() { return QFile::exists(QLatin1String(kScript)); }

KatexEngine::KatexEngine() : m_watchdog([this] { m_engine->setInterrupted(true); }) {}

KatexEngine::~KatexEngine() = default;

bool KatexEngine::load() {
    if (m_engine) return m_tree.isCallable();
    if (!isBuiltIn()) return false;
    m_engine = std::make_unique<QJSEngine>();
    m_watchdog.start(kLoadLimit);
    const QJSValue katex = loadModule(*m_engine, kScript, {});
    const QJSValue speech = loadModule(*m_engine, kSpeech, katex);
    QJSValue exported =
        m_engine->evaluate(readResource(kExport), QLatin1String(kExport)).call({katex, speech});
    m_watchdog.stop();
    m_tree = exported.property(QStringLiteral("tree"));
    m_spoken = exported.property(QStringLiteral("spoken"));
    return m_tree.isCallable();
}

std::optional<QString> KatexEngine::call(QJSValue& function, const QString& tex, bool isDisplay) {
    m_watchdog.start(kLimit);
    const QJSValue answer = function.call({tex, isDisplay});
    if (m_watchdog.stop()) {
        // The libraries may stand half way in something that they never expect to be left.
        ++m_interruptions;
        m_tree = m_spoken = QJSValue();
        m_engine.reset();
        return std::nullopt;
    }
    if (!answer.isString()) return std::nullopt;
    return answer.toString();
}

std::optional<QByteArray> KatexEngine::tree(const QString& tex, bool isDisplay) {
    if (tex.toUtf8().size() > kMaxSource || !load()) return std::nullopt;
    const auto json = call(m_tree, tex, isDisplay);
    if (!json || json->size() > kMaxTree) return std::nullopt;
    return json->toUtf8();
}

std::optional<QString> KatexEngine::spoken(const QString& tex, bool isDisplay) {
    if (tex.toUtf8().size() > kMaxSource || !load()) return std::nullopt;
    return call(m_spoken, tex, isDisplay);
}

QStringList KatexEngine::globalNames() {
    if (!load()) return {};
    return m_engine->evaluate(QStringLiteral("Object.getOwnPropertyNames(this).join(' ')"))
        .toString()
        .split(u' ');
}

}  // namespace sotto::app
