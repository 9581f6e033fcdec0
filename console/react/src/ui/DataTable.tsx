import type { ReactNode } from "react";
import classes from "./DataTable.module.css";

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand to the right. */
  numeric?: boolean;
  /** The column that names the row. */
  names?: boolean;
}

interface Props<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** It has so few columns that it stays a table on a phone. */
  narrow?: boolean;
}

/**
 * A table; on a phone each row is a card, with the titles beside the values. The roles are written out because a browser
 * forgets them when CSS changes how a table is laid out.
 */
export function DataTable<Row>({ caption, columns, rows, keyOf, narrow = false }: Props<Row>) {
  const look = (column: Column<Row>) => (column.numeric ? classes.numeric : undefined);
  return (
    <div className={classes.around} role="region" aria-label={caption} tabIndex={0}>
      <table className={`${classes.table} ${narrow ? "" : classes.wide}`} role="table" aria-label={caption}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.key} role="columnheader" scope="col" className={look(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={keyOf(row)} role="row">
              {columns.map((column) =>
                column.names ? (
                  <th key={column.key} role="rowheader" scope="row" className={look(column)}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.key} role="cell" data-title={column.title} className={look(column)}>
                    <span>{column.cell(row)}</span>
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
