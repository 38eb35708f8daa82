# Det som er galt med en klientliste.
manifest-hidden-rows = { $count ->
    [one] en skjult rad, { $first }, leses som de andre; slett den hvis den ikke er ment
   *[other] { $count } skjulte rader leses som de andre, den første er { $first }; slett dem hvis de ikke er ment
 }
manifest-hidden-columns = { $count ->
    [one] { $columns } er skjult, og leses som de andre
   *[other] { $columns } er skjult, og leses som de andre
 }
