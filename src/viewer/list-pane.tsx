import { toFilter } from "./list/filter.ts";
import { Filters } from "./list/filters.tsx";
import { List } from "./list/list.tsx";
import { useNavigation } from "./place/use-place.ts";
import { HitList } from "./search/hit-list.tsx";
import { SearchBox } from "./search/search-box.tsx";

/** The pane to choose from: the list of conversations, or the turns that a search found, under the same filter. */
export function ListPane() {
  const { place } = useNavigation();
  const filter = toFilter(place);
  const key = JSON.stringify([place.search, filter]);
  return (
    <>
      <SearchBox />
      <Filters />
      {place.search === "" ? (
        <List key={key} filter={filter} />
      ) : (
        <HitList key={key} search={place.search} filter={filter} />
      )}
    </>
  );
}
