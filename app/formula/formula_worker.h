// Typesets formulas on a thread of its own: KaTeX, then the layout. Made anywhere, then moved to
// the thread that runs it.
#pragma once

#include <QFont>
#include <QObject>
#include <QString>
#include <atomic>
#include <memory>

#include "app/formula/formula_picture.h"

namespace sotto::app {

class FormulaFonts;
class KatexEngine;

struct TypesetFormula {
    QString tex;
    bool isDisplay = false;
    std::shared_ptr<const FormulaPicture>
        picture;     // null: failed. Shared, since it crosses threads unchanged.
    QString spoken;  // empty: KaTeX cannot speak it
};

class FormulaWorker : public QObject {
    Q_OBJECT

public:
    // em and square em, of a formula that is painted: an item of that size takes 10 MB at 16 px.
    // What is larger (a few commands make rules and gaps of 20 em each) fails.
    static constexpr double kMaxSide = 500;
    static constexpr double kMaxArea = 10'000;

    explicit FormulaWorker(const QFont& textFont);
    ~FormulaWorker() override;

    // On the worker's thread; ends with typeset(), but for what still waits when stop() was called.
    void setFormula(const QString& tex, bool isDisplay);
    // Any thread: nothing more is begun.
    void stop() { m_isStopping = true; }

signals:
    void typeset(const sotto::app::TypesetFormula& formula);

private:
    QFont m_textFont;
    std::unique_ptr<KatexEngine> m_engine;
    std::unique_ptr<FormulaFonts> m_fonts;
    std::atomic<bool> m_isStopping = false;
};

}  // namespace sotto::app
