#include "app/formula/formula_cache.h"

#include <QGuiApplication>

#include "app/formula/formula_fonts.h"
#include "app/formula/formula_painter.h"
#include "app/formula/katex_engine.h"

namespace sotto::app {

FormulaCache::FormulaCache(QObject* parent) : QObject(parent) {}

FormulaCache::~FormulaCache() {
    if (!m_worker) return;
    m_worker->stop();
    m_thread.quit();
    m_thread.wait();  // for one formula at most, which ends after KatexEngine::kLimit
}

bool FormulaCache::isBuiltIn() const { return KatexEngine::isBuiltIn(); }

FormulaSize FormulaCache::size(const QString& tex, bool isDisplay) {
    return entry(Key{tex, isDisplay}).size;
}

FormulaCache::Entry& FormulaCache::entry(const Key& key) {
    if (const auto found = m_entries.find(key); found != m_entries.end()) {
        touch(*found);
        return *found;
    }
    m_uses.push_front(key);
    Entry fresh;
    fresh.use = m_uses.begin();
    fresh.bytes = qsizetype(sizeof(Entry)) + key.tex.size() * 2;
    const bool isPossible =
        KatexEngine::isBuiltIn() && key.tex.toUtf8().size() <= KatexEngine::kMaxSource;
    fresh.size.state = isPossible ? FormulaSize::Pending : FormulaSize::Failed;
    m_bytes += fresh.bytes;
    m_entries.insert(key, fresh);
    if (isPossible) ask(key);
    dropOldest();
    return m_entries[key];
}

void FormulaCache::touch(Entry& entry) { m_uses.splice(m_uses.begin(), m_uses, entry.use); }

void FormulaCache::ask(const Key& key) {
    if (!m_worker) {
        m_worker = new FormulaWorker(QGuiApplication::font());
        m_worker->moveToThread(&m_thread);
        connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
        connect(m_worker, &FormulaWorker::typeset, this, &FormulaCache::keep);
        m_thread.setObjectName(QStringLiteral("formulas"));
        m_thread.start(QThread::LowPriority);
    }
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, key] { worker->setFormula(key.tex, key.isDisplay); });
}

void FormulaCache::keep(const TypesetFormula& formula) {
    const auto found = m_entries.find(Key{formula.tex, formula.isDisplay});
    if (found == m_entries.end()) return;  // dropped meanwhile; whoever needs it asks again
    found->picture = formula.picture;
    found->spoken = formula.spoken;
    found->size.state = formula.picture ? FormulaSize::Ready : FormulaSize::Failed;
    if (formula.picture) {
        found->size.width = formula.picture->width;
        found->size.ascent = formula.picture->ascent;
        found->size.descent = formula.picture->descent;
        const qsizetype bytes = pictureBytes(*formula.picture) + formula.spoken.size() * 2;
        found->bytes += bytes;
        m_bytes += bytes;
    }
    dropOldest();
    emit changed(formula.tex);
}

void FormulaCache::dropOldest() {
    while (m_uses.size() > 1 && (m_entries.size() > kMaxFormulas || m_bytes > kMaxBytes)) {
        const auto oldest = m_entries.find(m_uses.back());
        m_bytes -= oldest->bytes;
        m_entries.erase(oldest);
        m_uses.pop_back();
    }
}

void FormulaCache::paint(QPainter& painter, const QString& tex, bool isDisplay,
                         QPointF baselineStart, double emPixels, const QColor& color) {
    const std::shared_ptr<const FormulaPicture> picture = entry(Key{tex, isDisplay}).picture;
    if (!picture) return;
    if (!m_fonts) m_fonts = std::make_unique<FormulaFonts>(QGuiApplication::font());
    paintFormula(painter, *picture, *m_fonts, baselineStart, emPixels, color);
}

QString FormulaCache::spoken(const QString& tex) {
    for (const bool isDisplay : {false, true}) {
        const auto found = m_entries.constFind(Key{tex, isDisplay});
        if (found != m_entries.cend() && !found->spoken.isEmpty()) return found->spoken;
    }
    return tex;
}

}  // namespace sotto::app
