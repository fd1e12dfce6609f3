// SavedComparisons: the runs of the Compare page that were kept, newest first: each one that ends
// with answers is kept by itself with what is measured of it later, opened again, and removed with
// a way back.
//
// Owned by AppFacade; borrows all of its parts. GUI thread only.
#pragma once

#include <QDateTime>
#include <QQmlEngine>
#include <memory>
#include <optional>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/bridge/row_model.h"
#include "app/bridge/storage_bridge.h"
#include "storage/api/comparisons.h"

namespace sotto::app {

class ChatListModel;
class CompareController;
class NumberFormat;

class SavedComparisons : public sotto::app::RowModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(int count READ count NOTIFY changed)
    // Why the last one that was asked for cannot be shown, or kept; empty: it can.
    Q_PROPERTY(QString problem READ problem NOTIFY changed)

public:
    enum Role { ComparisonIdRole = Qt::UserRole + 1, PromptRole, ModelsRole, TimeTextRole };
    Q_ENUM(Role)
    // role names: comparisonId prompt models timeText

    struct Parts {
        StorageBridge& storage;
        CompareController& compare;
        ChatListModel& undo;  // where a removal is taken back
    };
    explicit SavedComparisons(const Parts& parts, QObject* parent = nullptr);
    ~SavedComparisons() override;

    Q_INVOKABLE void refresh();      // reads the list; the page does when it is first shown
    Q_INVOKABLE void open(int row);  // opened() once it is shown
    Q_INVOKABLE void remove(int row);
    Q_INVOKABLE void dismissProblem() { setProblem(std::nullopt); }

    int count() const { return rowCount(); }
    QString problem() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void changed();
    void opened();

private:
    void keep();
    void keepGrown();
    void setProblem(std::optional<Error> problem);

    Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    std::vector<storage::ComparisonRecord> m_rows;
    std::optional<Error> m_problem;
    // Of the run that the page shows: its number there, and its id and its time here; id 0: it is
    // not stored yet, or was deleted.
    int m_shownRun = -1;
    std::int64_t m_shownId = 0;
    std::int64_t m_shownSince = 0;
    bool m_hasGrown = false;  // since it was given to be stored
};

}  // namespace sotto::app
