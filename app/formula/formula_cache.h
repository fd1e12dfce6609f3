// Formulas for the window: sizes for the layout of text, painting, and what screen readers say.
// Typesetting happens on a thread of its own, which begins with the first formula; what was typeset
// is kept as long as there is room. Without KaTeX in the build every formula has failed, and its
// source is shown.
//
// Owned by AppFacade. GUI thread only; nothing here waits.
#pragma once

#include <QColor>
#include <QHash>
#include <QObject>
#include <QPointF>
#include <QQmlEngine>
#include <QString>
#include <QThread>
#include <list>
#include <memory>

#include "app/formula/formula_worker.h"

class QPainter;

namespace sotto::app {

// Lengths in em of the surrounding text; ascent and descent from the baseline. All 0 unless Ready.
struct FormulaSize {
    enum State { Pending, Ready, Failed };
    double width = 0;
    double ascent = 0;
    double descent = 0;
    State state = Pending;
};

class FormulaCache : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(bool isBuiltIn READ isBuiltIn CONSTANT)  // false: every formula fails

public:
    // What is kept at most; least recently used formulas go first.
    static constexpr qsizetype kMaxFormulas = 2000;
    static constexpr qsizetype kMaxBytes = 16 * 1024 * 1024;

    explicit FormulaCache(QObject* parent = nullptr);
    ~FormulaCache() override;

    bool isBuiltIn() const;

    // tex: without its $. Pending asks the worker and is followed by changed(tex).
    FormulaSize size(const QString& tex, bool isDisplay);

    // The formula at a baseline, when it is Ready; else nothing. emPixels: size of the surrounding
    // text in the painter's coordinates. Parts that the source colours keep their colour.
    void paint(QPainter& painter, const QString& tex, bool isDisplay, QPointF baselineStart,
               double emPixels, const QColor& color);

    // What a screen reader says for it (English words); the source as long as nothing better is
    // known.
    QString spoken(const QString& tex);

signals:
    void changed(const QString& tex);

private:
    struct Key {
        QString tex;
        bool isDisplay;
        bool operator==(const Key&) const = default;
        friend size_t qHash(const Key& key, size_t seed = 0) {
            return qHashMulti(seed, key.tex, key.isDisplay);
        }
    };
    struct Entry {
        FormulaSize size;
        std::shared_ptr<const FormulaPicture> picture;
        QString spoken;
        qsizetype bytes = 0;
        std::list<Key>::iterator use;
    };

    Entry& entry(const Key& key);
    void touch(Entry& entry);
    void ask(const Key& key);
    void keep(const TypesetFormula& formula);
    void dropOldest();

    QHash<Key, Entry> m_entries;
    std::list<Key> m_uses;  // most recently used first
    qsizetype m_bytes = 0;
    std::unique_ptr<FormulaFonts> m_fonts;
    QThread m_thread;
    FormulaWorker* m_worker = nullptr;  // lives and dies with the thread
};

}  // namespace sotto::app
