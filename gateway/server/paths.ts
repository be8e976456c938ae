export const graphqlPath = '/graphql';
export const graphiqlPath = '/graphiql/';
export const subgraphPath = (name: string): string => `/subgraphs/${name}`;
