# What is wrong with a client list.
manifest-hidden-rows = { $count ->
    [one] a hidden row, { $first }, is read like the others; delete it if it is not meant
   *[other] { $count } hidden rows are read like the others, the first is { $first }; delete them if they are not meant
 }
manifest-hidden-columns = { $count ->
    [one] { $columns } is hidden, and is read like the others
   *[other] { $columns } are hidden, and are read like the others
 }
